import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const quiet = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-gpu',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const fakeDevices = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']

/** A real Chromium; `devices: false` has no camera and no microphone. */
export function openBrowser({ devices = true } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...quiet, ...(devices ? fakeDevices : ['--use-fake-ui-for-media-stream'])],
  })
}

export interface Person {
  page: Page
  name: string
  /** What the page complained about: uncaught errors, and anything the Content-Security-Policy refused. */
  complaints: string[]
}

/** Open the join page of a meeting as somebody new. Nothing outside loopback can be reached. */
export async function visit(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  context.setDefaultTimeout(45_000)
  await context.route(
    (address) => !['127.0.0.1', 'localhost', '[::1]'].includes(address.hostname) && address.protocol.startsWith('http'),
    (route) => route.abort(),
  )
  await context.addInitScript(watchPeers)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, name, complaints }
}

/** Type the name and press the button. */
export async function askToJoin({ page, name }: Person): Promise<void> {
  await page.getByRole('textbox', { name: 'Your name' }).fill(name)
  await page.getByRole('button', { name: 'Join now' }).click()
}

/** Join and wait until the call is there. */
export async function join(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
  const person = await visit(browser, url, name, options)
  await askToJoin(person)
  await inCall(person)
  return person
}

export async function inCall({ page }: Person): Promise<void> {
  await page.getByRole('toolbar', { name: 'Meeting controls' }).waitFor()
}

/** The tile of somebody on a page. */
export const tile = ({ page }: Person, name: string) => page.getByRole('group', { name, exact: true })

/** Wait until a person's page shows another's moving picture. */
export async function seen(viewer: Person, name: string): Promise<void> {
  const video = tile(viewer, name).locator('video')
  await video.waitFor()
  await viewer.page.waitForFunction(moving, await video.elementHandle())
}

export interface Received {
  /** Video frames decoded since the page was opened. */
  frames: number
  /** Sum of the energy of all sound heard. */
  energy: number
}

/** What all peer connections of a page have received so far, by getStats. */
export function received({ page }: Person): Promise<Received> {
  return page.evaluate(() => (globalThis as unknown as Watched).received())
}

/** Wait until a page has received more picture and more sound than it has now. */
export async function hearsAndSees(person: Person): Promise<void> {
  const before = await received(person)
  await person.page.waitForFunction(async ({ frames, energy }) => {
    const now = await (globalThis as unknown as Watched).received()
    return now.frames > frames + 5 && now.energy > energy
  }, before)
}

/** Run axe on the page as it is now; WCAG 2.2 A and AA. */
export async function accessible({ page }: Person, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // Fluent's focus sentinels at both ends of the page: they hand focus on at once and are never read.
    .exclude('[data-tabster-dummy]')
    .analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
  assert.deepEqual(found, [], `${state} is not accessible`)
}

/** The members of a page that the functions below need; this program has no DOM types. */
interface Watched {
  RTCPeerConnection: new (...given: unknown[]) => Peer
  received: () => Promise<Received>
}
interface Peer {
  connectionState: string
  getStats: () => Promise<Map<string, { type: string; framesDecoded?: number; totalAudioEnergy?: number }>>
}

/** In the page: whether a video element shows a moving picture. */
export function moving(element: unknown): boolean {
  const { videoWidth, currentTime } = element as { videoWidth: number; currentTime: number }
  return videoWidth > 0 && currentTime > 0
}

/** In the page, before its own scripts: keeps every peer connection, to ask them for statistics. */
function watchPeers(): void {
  const page = globalThis as unknown as Watched
  const peers: Peer[] = []
  const Original = page.RTCPeerConnection
  page.RTCPeerConnection = class extends Original {
    constructor(...given: unknown[]) {
      super(...given)
      peers.push(this)
    }
  }
  page.received = async () => {
    const sum = { frames: 0, energy: 0 }
    for (const peer of peers.filter((one) => one.connectionState !== 'closed')) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue
        sum.frames += report.framesDecoded ?? 0
        sum.energy += report.totalAudioEnergy ?? 0
      }
    }
    return sum
  }
}

/** Sign in on the join page with a person of the demo and come back to it. */
export async function signIn({ page }: Person, user: { upn: string; password: string }): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.locator('input[name="upn"]').fill(user.upn)
  await page.locator('input[name="password"]').fill(user.password)
  await page.locator('input[name="password"]').press('Enter')
  await page.getByText('Signed in as').waitFor()
}
