// Takes the pictures of docs/screenshots, in a real meeting: node acceptance/room/screenshots.ts <folder>
// Needs ffmpeg for a calmer picture than Chromium's own fake camera.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { startServer } from '../lib/server.ts'
import { askToJoin, inCall, menu, moving, type Person, seen, signIn, visit } from './lib/browser.ts'
import { newMeeting } from './lib/meeting.ts'
import { freeUdpPort, Relay } from './lib/relay.ts'

const folder = process.argv[2] ?? 'docs/screenshots'
mkdirSync(folder, { recursive: true })
const scratch = mkdtempSync(joinPath(tmpdir(), 'parley-shots-'))

/** A browser whose camera shows slowly moving colours. */
async function camera(name: string, colours: [string, string]) {
  const file = joinPath(scratch, `${name}.y4m`)
  const picture = `gradients=s=640x360:c0=${colours[0]}:c1=${colours[1]}:x0=0:y0=0:x1=640:y1=360:speed=0.004:d=4:r=15`
  const made = spawnSync('ffmpeg', ['-y', '-loglevel', 'error', '-f', 'lavfi', '-i', picture, '-pix_fmt', 'yuv420p', file])
  if (made.status !== 0) throw new Error(`ffmpeg: ${made.stderr}`)
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${file}`,
    ],
  })
}

/** Visit with devices that have names people know. */
async function arrive(...given: Parameters<typeof visit>): Promise<Person> {
  const person = await visit(...given)
  await person.page.context().addInitScript(() => {
    const { MediaDeviceInfo } = globalThis as unknown as { MediaDeviceInfo: { prototype: object } }
    const names: Record<string, string> = { videoinput: 'Integrated camera', audioinput: 'Headset', audiooutput: 'Headset' }
    Object.defineProperty(MediaDeviceInfo.prototype, 'label', {
      get(this: { kind: string }) {
        return names[this.kind]
      },
    })
  })
  await person.page.reload()
  return person
}

const shot = async (page: Page, name: string) => {
  await page.evaluate('document.fonts.ready')
  const raw = joinPath(scratch, 'raw.png')
  await page.screenshot({ path: raw, animations: 'disabled' })
  const palette = 'split[a][b];[a]palettegen=max_colors=200[p];[b][p]paletteuse=dither=none'
  spawnSync('ffmpeg', ['-y', '-loglevel', 'error', '-i', raw, '-vf', palette, joinPath(folder, `${name}.png`)])
}

/** Until the short messages over the call have gone. */
async function noNotices({ page }: Person): Promise<void> {
  const list = await page.locator('.notices').elementHandle()
  await page.waitForFunction((element) => (element as { childElementCount?: number } | null)?.childElementCount === 0, list)
}

const mediaPort = await freeUdpPort()
const server = await startServer({ env: { PARLEY_MEDIA_PORT: String(mediaPort) } })
const firewall = await Relay.before(mediaPort)
firewall.loss = 1
const blue = await camera('blue', ['0x3b5b8c', '0x8fb3d9'])
const warm = await camera('warm', ['0x8c4b3b', '0xe0b088'])
try {
  const { link } = await newMeeting(server, { accessLevel: 'sameEnterprise' })
  const dark: BrowserContextOptions = { colorScheme: 'dark' }
  const phone: BrowserContextOptions = {
    viewport: { width: 390, height: 800 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 1.5,
  }
  const user = server.dev.users[0]!
  const host: Person = await arrive(blue, link, user.displayName)
  await host.page.getByText('Join now').waitFor()
  await host.page.getByRole('textbox', { name: 'Your name' }).fill('Heidi')
  await host.page.waitForFunction(moving, await host.page.locator('video').elementHandle())
  await host.page.getByRole('button', { name: 'Test my connection' }).click()
  await host.page.getByText('Everything works').waitFor()
  await shot(host.page, 'join-desktop-light')
  const behind = await arrive(blue, link, 'Margaret Hamilton', { ...dark, prepare: (context) => firewall.carry(context) })
  await behind.page.waitForFunction(moving, await behind.page.locator('video').elementHandle())
  await behind.page.getByRole('textbox', { name: 'Your name' }).fill('Margaret')
  await behind.page.getByRole('button', { name: 'Test my connection' }).click()
  await behind.page.getByText('a firewall blocks UDP').waitFor()
  await shot(behind.page, 'blocked-desktop-dark')
  await behind.page.context().close()
  const onPhone = await arrive(warm, link, 'Ada Lovelace', phone)
  await onPhone.page.waitForFunction(moving, await onPhone.page.locator('video').elementHandle())
  await shot(onPhone.page, 'join-phone-light')
  await signIn(host, user)
  await host.page.getByRole('button', { name: 'Join now' }).click()
  await inCall(host)
  await askToJoin(onPhone)
  await onPhone.page.getByRole('heading', { name: 'You are in the lobby' }).waitFor()
  const others: Person[] = []
  for (const [name, options] of [
    ['Grace Hopper', dark],
    ['Alan Turing', {}],
    ['Katherine Johnson', dark],
  ] as const) {
    const person = await arrive(others.length % 2 ? blue : warm, link, name, options)
    if (name === 'Alan Turing') {
      await person.page.getByRole('button', { name: 'Turn camera off' }).click()
      await person.page.getByRole('button', { name: 'Mute microphone' }).click()
    }
    await askToJoin(person)
    await person.page.getByRole('heading', { name: 'You are in the lobby' }).waitFor()
    others.push(person)
  }
  const [grace, , katherine] = others as [Person, Person, Person]
  await shot(katherine.page, 'lobby-desktop-dark')
  await shot(onPhone.page, 'lobby-phone-light')
  await host.page.getByRole('button', { name: 'People' }).click()
  await host.page.getByText('Waiting in the lobby (4)').waitFor()
  await shot(host.page, 'admit-desktop-light')
  await host.page.getByRole('button', { name: 'Admit all' }).click()
  for (const person of [onPhone, ...others]) await inCall(person)
  await seen(grace, 'Ada Lovelace')
  await seen(grace, 'Katherine Johnson')
  await katherine.page.getByRole('button', { name: 'Raise hand' }).click()
  await grace.page.getByRole('img', { name: 'Hand raised, number 1' }).waitFor()
  await host.page.getByRole('button', { name: 'Close' }).click()
  await host.page.getByRole('button', { name: 'Chat', exact: true }).click()
  await host.page.getByRole('textbox', { name: 'Message' }).fill('The agenda: https://example.org/agenda')
  await host.page.keyboard.press('Enter')
  await grace.page.getByRole('button', { name: 'Chat', exact: true }).click()
  await grace.page.getByRole('textbox', { name: 'Message' }).fill('Thanks, I have two points to add 🙂')
  await grace.page.keyboard.press('Enter')
  await host.page.getByText('two points to add').waitFor()
  await noNotices(grace)
  await shot(grace.page, 'chat-desktop-dark')
  await noNotices(onPhone)
  await shot(onPhone.page, 'call-phone-light')
  await host.page.getByRole('button', { name: 'Close' }).click()
  await shot(host.page, 'call-desktop-light')
  await host.page.keyboard.press('Alt+Shift+I')
  await host.page.getByRole('img', { name: 'QR code of the link' }).waitFor()
  await shot(host.page, 'information-desktop-light')
  await host.page.keyboard.press('Escape')
  await menu(host, 'Speaker view')
  await host.page.locator('.main-tile video').waitFor()
  await host.page.waitForFunction(moving, await host.page.locator('.main-tile video').elementHandle())
  await noNotices(host)
  await shot(host.page, 'speaker-desktop-light')
  await menu(host, 'Gallery view')
  await katherine.page.getByRole('button', { name: 'People' }).click()
  await noNotices(katherine)
  await shot(katherine.page, 'people-desktop-dark')
  await katherine.page.keyboard.press('Escape')
  await onPhone.page.getByRole('button', { name: 'Chat', exact: true }).click()
  await onPhone.page.getByText('two points to add').waitFor()
  await shot(onPhone.page, 'chat-phone-light')
  await onPhone.page.keyboard.press('Escape')
  await menu(grace, 'Settings')
  await grace.page.getByRole('switch', { name: 'Mirror my own video' }).waitFor()
  await shot(grace.page, 'settings-desktop-dark')
  await grace.page.keyboard.press('Escape')
  await grace.page.setViewportSize({ width: 3840, height: 2160 })
  await noNotices(grace)
  await shot(grace.page, 'call-4k-dark')
  await grace.page.setViewportSize({ width: 1280, height: 800 })
  await host.page.getByRole('button', { name: 'Share screen' }).click()
  await katherine.page.getByRole('figure').locator('video').waitFor()
  await katherine.page.waitForFunction(moving, await katherine.page.locator('figure video').elementHandle())
  await noNotices(katherine)
  await shot(katherine.page, 'share-desktop-dark')
  await onPhone.page.getByRole('button', { name: 'Leave' }).click()
  await onPhone.page.getByRole('heading', { name: 'You left the meeting' }).waitFor()
  await shot(onPhone.page, 'left-phone-light')
  await server.stop()
  await katherine.page.getByText('The connection was lost. Reconnecting').waitFor()
  await shot(katherine.page, 'reconnecting-desktop-dark')
} finally {
  await blue.close()
  await warm.close()
  firewall.close()
  await server[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
}
