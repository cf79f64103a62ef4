// tier: release, 30 s, alone
// How the room is arranged: pages of the gallery, speaker view, pins, shared screens, small and large windows.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Person as Headless, within } from '../door/lib/person.ts'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, becomes, join, menu, openBrowser, type Person, picture, seen, tile } from './lib/browser.ts'
import { headless } from './lib/headless.ts'
import { newMeeting } from './lib/meeting.ts'

let server: Server
let browser: Browser
let link: string
let ada: Person
let crowd: Headless[]
before(async () => {
  server = await startServer()
  browser = await openBrowser()
  link = (await newMeeting(server, { entryExitAnnouncement: false })).link
  ada = await join(browser, link, 'Ada')
  const names = Array.from({ length: 11 }, (_, index) => `Guest ${String(index + 1).padStart(2, '0')}`)
  // One after another: LiveKit's Rust client at times forgets to offer its track when somebody else's comes at that moment.
  crowd = []
  for (const name of names) crowd.push(await headless(server, link, name, crowd.length < 2 ? ['camera'] : []))
})
after(async () => {
  await Promise.allSettled((crowd ?? []).map((person) => within('leaving', person.stop(), 5_000)))
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

interface Box {
  name: string
  x: number
  y: number
  width: number
  height: number
}

/** Every tile on the page: whose it is and where. */
function tiles({ page }: Person): Promise<Box[]> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { querySelectorAll(selector: string): Iterable<{ ariaLabel: string; getBoundingClientRect(): Box }> }
    }
    return [...document.querySelectorAll('main [role=group]')].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect()
      return { name: element.ariaLabel, x, y, width, height }
    })
  })
}

const area = ({ width, height }: Box) => width * height
const largest = (boxes: Box[]) => boxes.reduce((a, b) => (area(b) > area(a) * 1.2 ? b : a))

/** Wait until the tiles are so. */
async function arranged(person: Person, what: string, fits: (boxes: Box[]) => boolean): Promise<Box[]> {
  const deadline = Date.now() + 90_000
  for (;;) {
    const boxes = await tiles(person)
    if (boxes.length > 0 && fits(boxes)) return boxes
    if (Date.now() > deadline) assert.fail(`never ${what}: ${JSON.stringify(boxes)}`)
    await person.page.waitForTimeout(50)
  }
}

function overlap(boxes: Box[]): boolean {
  return boxes.some((a, index) =>
    boxes
      .slice(index + 1)
      .some((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
  )
}

test('a gallery of twelve fills the window; a small window has pages', {
  timeout: 300_000,
}, async () => {
  const { page } = ada
  const whole = await arranged(ada, 'twelve tiles', (boxes) => boxes.length === 12)
  assert.equal(overlap(whole), false)
  const used = whole.reduce((sum, box) => sum + area(box), 0) / (1280 * 800)
  assert.ok(used > 0.5, `the tiles fill ${Math.round(used * 100)} % of the window`)
  await seen(ada, 'Guest 01')
  await picture(ada, 'gallery-12')
  await accessible(ada, 'a gallery of twelve')

  await page.setViewportSize({ width: 480, height: 480 })
  const pages = page.getByRole('navigation', { name: 'Page 1 of' })
  await pages.waitFor()
  const first = await arranged(ada, 'a first page', (boxes) => boxes.length < 12)
  const { y: bar } = (await page.getByRole('toolbar').boundingBox())!
  const { y: turner, height } = (await pages.boundingBox())!
  assert.ok(turner + height <= bar, 'the page turner is above the bar')
  assert.ok(
    first.every((box) => box.y >= 30 && box.y + box.height <= turner),
    'the tiles are between heading and page turner',
  )
  const names = new Set(first.map(({ name }) => name))
  await picture(ada, 'gallery-paged')
  await accessible(ada, 'a page of the gallery')
  while ((await page.getByRole('button', { name: 'Next page' }).getAttribute('aria-disabled')) !== 'true') {
    await page.getByRole('button', { name: 'Next page' }).click()
    for (const { name } of await tiles(ada)) names.add(name)
  }
  assert.equal(names.size, 12, 'everybody is on some page')
  await page.getByRole('button', { name: 'Previous page' }).click()
  await page.setViewportSize({ width: 1280, height: 800 })
})

test('pins, speaker view and full screen', { timeout: 300_000 }, async () => {
  const { page } = ada
  await tile(ada, 'Guest 03').hover()
  await page.getByRole('button', { name: 'Pin Guest 03' }).click()
  const pinned = await arranged(ada, 'a large pinned tile', (boxes) => largest(boxes).name === 'Guest 03' && boxes.length === 12)
  assert.ok(area(largest(pinned)) > (1280 * 800) / 3)
  await picture(ada, 'pinned')
  await accessible(ada, 'a pinned tile')
  await page.getByRole('button', { name: 'Unpin Guest 03' }).click()
  await arranged(ada, 'even again', (boxes) => area(boxes[0]!) === area(boxes[5]!))

  await page.getByRole('button', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Actions for Guest 07' }).click()
  await page.getByRole('menuitem', { name: 'Pin', exact: true }).click()
  await arranged(ada, 'pinned from the list', (boxes) => largest(boxes).name === 'Guest 07')
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('07')
  assert.equal(await page.getByRole('complementary').getByRole('listitem').count(), 1)
  await accessible(ada, 'a search in the list of people')
  await page.getByRole('button', { name: 'Actions for Guest 07' }).click()
  await page.getByRole('menuitem', { name: 'Unpin', exact: true }).click()
  await page.keyboard.press('Escape')

  await menu(ada, 'Speaker view')
  const speaker = await arranged(ada, 'one large tile', (boxes) => area(largest(boxes)) > (1280 * 800) / 3)
  assert.notEqual(largest(speaker).name, 'Ada', 'oneself is never the large one')
  assert.equal(speaker.length, 12)
  await picture(ada, 'speaker-view')
  await accessible(ada, 'speaker view')
  await menu(ada, 'Gallery view')
  await arranged(ada, 'even again', (boxes) => area(boxes[0]!) === area(boxes[5]!))

  await menu(ada, 'Full screen')
  await becomes(ada, 'document.fullscreenElement !== null')
  await menu(ada, 'Exit full screen')
  await becomes(ada, 'document.fullscreenElement === null')
})

test('a shared screen is large and whole, its presenter small beside it; on a phone above', { timeout: 300_000 }, async () => {
  const { page } = ada
  const presenter = await headless(server, link, 'Presenter', ['camera', 'share'])
  crowd.push(presenter)
  const share = page.getByRole('figure', { name: 'Shared screen: Presenter' })
  await share.waitFor()
  await page.getByText('Presenter shares the screen').waitFor()
  const screen = (await share.boundingBox())!
  const small = await arranged(ada, 'a strip', (boxes) => boxes.length === 13)
  const own = small.find(({ name }) => name === 'Presenter')!
  assert.ok(area({ ...screen, name: '' }) > area(own) * 8, 'the screen is much larger than the presenter')
  assert.ok(own.y < 800 && own.x < 1280, 'the presenter is in sight')
  assert.equal(await share.locator('video').getAttribute('data-fit'), 'whole')
  await picture(ada, 'share-large')
  await accessible(ada, 'a shared screen beside twelve')
  await page.setViewportSize({ width: 360, height: 740 })
  const above = (await share.boundingBox())!
  const below = await arranged(ada, 'a row', (boxes) => boxes.length === 13 && boxes.every(({ y }) => y >= above.y + 100))
  assert.ok(above.width > 330, `the screen takes the width: ${above.width}`)
  assert.ok(below.some(({ x, y }) => x < 360 && y < 740))
  await picture(ada, 'share-360')
  await accessible(ada, 'a shared screen on a phone')
  await page.setViewportSize({ width: 3840, height: 2160 })
  const wide = (await share.boundingBox())!
  assert.ok(wide.width > 2800)
  await picture(ada, 'share-4k')
  crowd.splice(crowd.indexOf(presenter), 1)
  await presenter.stop()
  await share.waitFor({ state: 'detached' })
})

test('4K and 360 pixels, in the dark, with little motion', { timeout: 300_000 }, async () => {
  const { page } = ada
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 3840, height: 2160 })
  const wide = await arranged(ada, 'twelve tiles', (boxes) => boxes.length === 12 && boxes[0]!.width > 700)
  assert.equal(overlap(wide), false)
  await picture(ada, 'gallery-4k-dark')
  await accessible(ada, 'a gallery in 4K')
  await page.getByRole('button', { name: 'React' }).click()
  await page.getByRole('menuitem', { name: 'Applause' }).click()
  const flying = page.locator('.rain span')
  await flying.waitFor()
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.rain span')).animationName"), 'none')
  await page.setViewportSize({ width: 360, height: 640 })
  const narrow = await arranged(ada, 'narrow tiles', (boxes) => boxes.length > 0 && boxes[0]!.width < 200)
  assert.equal(overlap(narrow), false)
  const [inner, scrolled] = (await page.evaluate('[innerWidth, document.documentElement.scrollWidth]')) as [number, number]
  assert.ok(scrolled <= inner)
  await picture(ada, 'gallery-360-dark')
  await accessible(ada, 'a gallery on 360 pixels')
  assert.deepEqual(ada.complaints, [])
})
