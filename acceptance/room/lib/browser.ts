import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Far more than anything takes: a wait ends by what it waits for, and this says which never came. */
const waitMs = 90_000

const quiet = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-gpu',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** A name that leads to this machine and is not loopback to the browser: http there is no secure context. */
export const plainHost = 'parley.test'

export interface BrowserOptions {
  /** No camera and no microphone when false. */
  devices?: boolean
  /** Do not allow devices by themselves; nobody answers the question, which is a no. */
  ask?: boolean
  /** An administrator's policy forbids UDP when false. */
  udp?: boolean
  /** Further flags of Chromium. */
  flags?: string[]
}

/** A real Chromium. */
export async function openBrowser({
  devices = true,
  ask = false,
  udp = true,
  flags = [],
}: BrowserOptions = {}): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  const args = [
    ...quiet,
    `--host-resolver-rules=MAP ${plainHost} 127.0.0.1`,
    ...(ask ? [] : ['--use-fake-ui-for-media-stream']),
    ...(devices ? ['--use-fake-device-for-media-stream'] : []),
    ...flags,
  ]
  if (udp) return chromium.launch({ executablePath, args })
  const profile = mkdtempSync(joinPath(tmpdir(), 'parley-profile-'))
  mkdirSync(joinPath(profile, 'Default'))
  const preferences = { webrtc: { ip_handling_policy: 'disable_non_proxied_udp' } }
  writeFileSync(joinPath(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
  const browser = (await chromium.launchPersistentContext(profile, { executablePath, args })).browser()!
  browser.on('disconnected', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }))
  return browser
}

export interface Person {
  page: Page
  name: string
  /** What the page complained about: uncaught errors, and anything the Content-Security-Policy refused. */
  complaints: string[]
}

export interface VisitOptions extends BrowserContextOptions {
  /** Done before the page is opened. */
  prepare?: (context: BrowserContext) => Promise<void>
}

/** Open the join page of a meeting as somebody new. Nothing outside loopback can be reached. */
export async function visit(
  browser: Browser,
  url: string,
  name: string,
  { prepare, ...options }: VisitOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  context.setDefaultTimeout(waitMs)
  await context.route(
    (address) =>
      !['127.0.0.1', 'localhost', '[::1]', plainHost].includes(address.hostname) && address.protocol.startsWith('http'),
    (route) => route.abort(),
  )
  await context.addInitScript(watchPeers)
  await prepare?.(context)
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
export async function join(browser: Browser, url: string, name: string, options: VisitOptions = {}): Promise<Person> {
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
  const deadline = Date.now() + waitMs
  // Looked up anew each time: another arrangement of the room makes another element.
  while (!((await video.count()) > 0 && (await video.evaluate(moving).catch(() => false)))) {
    if (Date.now() > deadline) assert.fail(`${viewer.name} never saw a moving picture of ${name}`)
    await viewer.page.waitForTimeout(100)
  }
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

/** Somebody of the directory in the call, signed in, with the list of people open. */
export async function joinSignedIn(
  browser: Browser,
  url: string,
  user: { displayName: string; upn: string; password: string },
  options: VisitOptions = {},
): Promise<Person> {
  const person = await visit(browser, url, user.displayName, options)
  await signIn(person, user)
  await person.page.getByRole('button', { name: 'Join now' }).click()
  await inCall(person)
  await person.page.getByRole('button', { name: 'People' }).click()
  return person
}

/** Somebody new who has asked to join, and waits. */
export async function waitInLobby(browser: Browser, url: string, name: string): Promise<Person> {
  const person = await visit(browser, url, name)
  await askToJoin(person)
  await person.page.getByRole('heading', { name: 'You are in the lobby' }).waitFor()
  return person
}

/** Close people's pages; none of them may have complained. */
export async function close(...people: Person[]): Promise<void> {
  for (const { page, complaints, name } of people) {
    assert.deepEqual(complaints, [], `the page of ${name} complained`)
    await page.context().close()
  }
}

/** Leave a picture of the page in the folder that SCREENSHOTS names, where it names one. */
export async function picture({ page }: Person, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' })
}

/** Choose from the menu "More" of the bar. */
export async function menu({ page }: Person, item: string): Promise<void> {
  await page.getByRole('toolbar', { name: 'Meeting controls' }).getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

/** Wait until an expression is true in the page. Asked from outside: the page's own policy forbids evaluating text. */
export async function becomes({ page }: Person, expression: string): Promise<void> {
  const deadline = Date.now() + waitMs
  while (!(await page.evaluate(expression))) {
    if (Date.now() > deadline) assert.fail(`never true in the page: ${expression}`)
    await page.waitForTimeout(50)
  }
}
