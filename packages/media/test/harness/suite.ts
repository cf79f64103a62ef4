import { after, afterEach, before } from 'node:test'
import { Lab } from './browser.ts'
import { freshKeys } from './keys.ts'
import { MediaServer, type ServerOptions } from './server.ts'
import { WebhookSink } from './webhook-sink.ts'

/** What every suite file gets: a server under test, its webhooks, and a browser. Set before the first test runs. */
export interface MediaSuite {
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
export function mediaSuite(
  options: ServerOptions & { browser?: boolean } = {},
  prepare: (suite: MediaSuite) => Promise<void> = async () => {},
): MediaSuite {
  const suite = {} as MediaSuite
  before(async () => {
    const keys = freshKeys()
    suite.hooks = new WebhookSink(keys)
    const webhookUrl = await suite.hooks.start()
    suite.server = await MediaServer.start({ keys, webhookUrl, ...options })
    if (options.browser !== false) suite.lab = await Lab.open(suite.server)
    await prepare(suite)
  })
  afterEach(() => suite.lab?.clear())
  after(async () => {
    await suite.lab?.close()
    await suite.server?.close()
    suite.hooks?.close()
  })
  return suite
}

let count = 0
/** A room name nobody else uses. */
export const roomName = (about = 'room') => `${about}-${process.pid}-${++count}`
