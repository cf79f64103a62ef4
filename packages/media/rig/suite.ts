import { after, afterEach, before } from 'node:test'
import { Lab } from './browser.ts'
import { freshKeys } from './keys.ts'
import { MediaServer, type ServerOptions } from './server.ts'
import { WebhookSink } from './webhook-sink.ts'

/** What every suite file gets: a server under test, its webhooks, and a browser. Set before the first test runs. */
export interface Bench {
  server: MediaServer
  hooks: WebhookSink
  lab: Lab
}

/** Both ways livekit-client connects: one peer connection (its default) and two. */
export const modes = [
  { mode: 'one connection', single: true },
  { mode: 'two connections', single: false },
]

/** Start the server under test (and a browser unless told not to) around the tests of one file; `prepare` ends before the first. */
export function bench(
  options: ServerOptions & { browser?: boolean } = {},
  prepare: (bench: Bench) => Promise<void> = async () => {},
): Bench {
  const bench = {} as Bench
  before(async () => {
    const keys = freshKeys()
    bench.hooks = new WebhookSink(keys)
    const webhookUrl = await bench.hooks.start()
    bench.server = await MediaServer.start({ keys, webhookUrl, ...options })
    if (options.browser !== false) bench.lab = await Lab.open(bench.server)
    await prepare(bench)
  })
  afterEach(() => bench.lab?.clear())
  after(async () => {
    await bench.lab?.close()
    await bench.server?.close()
    bench.hooks?.close()
  })
  return bench
}

let count = 0
/** A room name nobody else uses. */
export const roomName = (about = 'room') => `${about}-${process.pid}-${++count}`
