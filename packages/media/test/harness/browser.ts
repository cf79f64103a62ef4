import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type TokenOptions, token } from './keys.ts'
import type { Joined, JoinOptions, PageApi, PersonView, RoomEventView, TrackView } from './page/api.ts'
import type { MediaServer } from './server.ts'
import { patience, until } from './until.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream=fps=20',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--auto-select-desktop-capture-source=Entire screen',
  '--disable-background-networking',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-sync',
  '--no-first-run',
]

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('./page/page.mts', import.meta.url))],
    bundle: true,
    format: 'iife',
    target: 'chrome120',
    write: false,
    logLevel: 'error',
  })
  return result.outputFiles[0]!.text
}

/** A real Chromium with fake devices, and the page its participants live in, served on loopback. */
export class Lab {
  #browser: Browser
  #web: Server
  #server: MediaServer
  #people: Person[] = []

  private constructor(browser: Browser, web: Server, server: MediaServer) {
    this.#browser = browser
    this.#web = web
    this.#server = server
  }

  static async open(server: MediaServer): Promise<Lab> {
    const script = await bundle()
    const web = createServer((request, response) => {
      const [type, body] = request.url?.startsWith('/page.js')
        ? ['text/javascript', script]
        : [
            'text/html',
            '<!doctype html><title>Participant</title><link rel="icon" href="data:,"><script src="/page.js"></script>',
          ]
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
    return new Lab(browser, web, server)
  }

  /** A participant's page, not joined yet. `via` sends its media through a UDP proxy on that port. */
  async person(identity: string, { via }: { via?: number } = {}): Promise<Person> {
    const page = await this.#browser.newPage()
    const query = via ? `?via=${this.#server.udpPort}-${via}` : ''
    await page.goto(`http://127.0.0.1:${(this.#web.address() as AddressInfo).port}/${query}`)
    const person = new Person(identity, page, this.#server)
    this.#people.push(person)
    return person
  }

  /** Several people in one room, who come at the same time; resolves when each knows of all the others. */
  async join(room: string, identities: string[], options: JoinOptions = {}): Promise<Person[]> {
    const people = await Promise.all(identities.map((identity) => this.person(identity)))
    await Promise.all(people.map((person) => person.enter(room, options)))
    for (const person of people) for (const other of identities) if (other !== person.identity) await person.sees(other)
    return people
  }

  /** Keep the participants there are now until the end, as bystanders of all tests of a file. */
  keep(): void {
    this.#people = []
  }

  /** Close every participant's page but those kept, as between two tests. */
  async clear(): Promise<void> {
    await Promise.all(this.#people.splice(0).map((person) => person.page.close()))
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#web.closeAllConnections()
    this.#web.close()
  }
}

/** One browser participant. */
export class Person {
  readonly identity: string
  readonly page: Page
  #server: MediaServer

  constructor(identity: string, page: Page, server: MediaServer) {
    this.identity = identity
    this.page = page
    this.#server = server
  }

  /** Call a method of the page. */
  call<K extends keyof PageApi>(method: K, ...args: Parameters<PageApi[K]>): ReturnType<PageApi[K]> {
    const invoke = ([name, values]: [string, unknown[]]) =>
      (globalThis as unknown as { api: Record<string, (...values: unknown[]) => Promise<unknown>> }).api[name]!(...values)
    return this.page.evaluate(invoke, [method, args] as [string, unknown[]]) as ReturnType<PageApi[K]>
  }

  /** Join with a token made here. */
  async enter(
    room: string,
    options: JoinOptions = {},
    grants: Parameters<typeof token>[3] = {},
    about: TokenOptions = {},
  ): Promise<Joined> {
    return this.call('join', this.#server.url, await token(this.#server.keys, this.identity, room, grants, about), options)
  }

  /** The first event that fits, waiting for it. */
  event(
    type: string,
    fits: (event: RoomEventView) => boolean = () => true,
    from = 0,
    timeout = patience,
  ): Promise<RoomEventView> {
    return until(
      `${this.identity} to see ${type}`,
      async () => (await this.call('events', from)).find((event) => event.type === type && fits(event)),
      timeout,
    )
  }

  /** Somebody else as this participant sees them, once they fit. */
  sees(identity: string, fits: (person: PersonView) => boolean = () => true, timeout = patience): Promise<PersonView> {
    return until(
      `${this.identity} to see ${identity} ${fits}`,
      async () => (await this.call('people')).find((person) => person.identity === identity && fits(person)),
      timeout,
    )
  }

  /** A subscribed track of somebody else, once there. */
  async track(identity: string, source: string, timeout = patience): Promise<TrackView> {
    const fits = (track: TrackView) => track.source === source && track.subscribed
    const person = await this.sees(identity, ({ tracks }) => tracks.some(fits), timeout)
    return person.tracks.find(fits)!
  }

  /** Wait until more frames of the track have been decoded; returns the statistics then. */
  async watches(sid: string, frames = 10, timeout = patience) {
    const start = (await this.call('inbound', sid)).framesDecoded
    return until(
      `${this.identity} to decode ${frames} frames of ${sid}`,
      async () => {
        const stats = await this.call('inbound', sid)
        return stats.framesDecoded >= start + frames ? stats : undefined
      },
      timeout,
    )
  }

  /** Wait until the audio energy of the track has risen. */
  async hears(sid: string, timeout = patience) {
    const start = await this.call('inbound', sid)
    return until(
      `${this.identity} to hear ${sid}`,
      async () => {
        const stats = await this.call('inbound', sid)
        return stats.energy > start.energy && stats.packets >= start.packets + 20 ? stats : undefined
      },
      timeout,
    )
  }

  /** Wait until no packet of the track has come for half a second. */
  async stops(sid: string, timeout = patience) {
    let last = -1
    let since = Date.now()
    await until(
      `${this.identity} to get no more packets of ${sid}`,
      async () => {
        const { packets } = await this.call('inbound', sid)
        if (packets !== last) since = Date.now()
        last = packets
        return Date.now() - since > 500
      },
      timeout,
    )
  }
}
