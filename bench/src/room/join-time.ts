import type { Browser } from 'playwright-core'
import type { Server } from '../../../acceptance/lib/server.ts'
import { inCall, join as joinRoom, type Person, visit } from '../../../acceptance/room/lib/browser.ts'
import { newMeeting } from '../../../acceptance/room/lib/meeting.ts'

interface Page {
  clicked: number
  drawn: number
  performance: { now(): number }
  document: {
    addEventListener(
      type: string,
      listener: (event: { target: { closest(selector: string): unknown } }) => void,
      early: boolean,
    ): void
    documentElement: unknown
    querySelectorAll(selector: string): Iterable<Video>
  }
  MutationObserver: new (changed: () => void) => { observe(node: unknown, what: object): void }
}
interface Video {
  watched?: boolean
  requestVideoFrameCallback(drawn: () => void): void
}

/** In the page, before its own scripts: when the button was clicked, and when the first frame of the host was drawn. */
function stopwatch(): void {
  const page = globalThis as unknown as Page
  page.document.addEventListener(
    'click',
    ({ target }) => {
      if (target.closest('.join-now')) page.clicked = page.performance.now()
    },
    true,
  )
  const look = () => {
    for (const video of page.document.querySelectorAll('[role=group][aria-label="Host"] video')) {
      if (video.watched) continue
      video.watched = true
      video.requestVideoFrameCallback(() => {
        page.drawn ??= page.performance.now()
      })
    }
  }
  const observer = new page.MutationObserver(look)
  observer.observe(page.document, { childList: true, subtree: true })
}

/** Milliseconds from the click on "Join now" to the first frame of somebody else, once for each round. */
export async function joinTimes(server: Server, browser: Browser, rounds: number): Promise<number[]> {
  const { link } = await newMeeting(server, { entryExitAnnouncement: false })
  const host = await joinRoom(browser, link, 'Host', { viewport: { width: 640, height: 400 } })
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) times.push(await once(browser, link))
  await host.page.context().close()
  return times
}

async function once(browser: Browser, link: string): Promise<number> {
  const guest: Person = await visit(browser, link, 'Guest', {
    prepare: (context) => context.addInitScript(stopwatch).then(() => {}),
  })
  const { page } = guest
  await page.getByRole('textbox', { name: 'Your name' }).fill('Guest')
  await page.locator('video').waitFor()
  // A person looks at the picture before they click; the page uses that time to fetch the call.
  await page.waitForTimeout(2_000)
  await page.getByRole('button', { name: 'Join now' }).click()
  await inCall(guest)
  await page.waitForFunction(() => (globalThis as unknown as Page).drawn !== undefined)
  const took = await page.evaluate(() => (globalThis as unknown as Page).drawn - (globalThis as unknown as Page).clicked)
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.context().close()
  return took
}
