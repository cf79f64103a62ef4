// tier: release, 30 s, alone
// What goes wrong outside: a lossy network, a media worker that dies. The room stays or comes back without a click.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { childrenOf } from '../lib/processes.ts'
import { type Server, startServer } from '../lib/server.ts'
import { hearsAndSees, join, openBrowser, type Person, picture, seen, tile } from './lib/browser.ts'
import { newMeeting } from './lib/meeting.ts'
import { freeUdpPort, Relay } from './lib/relay.ts'

let server: Server
let relay: Relay
let browser: Browser
before(async () => {
  const port = await freeUdpPort()
  server = await startServer({ env: { PARLEY_MEDIA_PORT: String(port) } })
  relay = await Relay.before(port)
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  relay?.close()
  await server?.[Symbol.asyncDispose]()
})

interface Watcher {
  longest: number
  pictures: number
}

/** Watch the picture of somebody from now on: the longest time without a new one, and how many came. */
async function watch(viewer: Person, name: string): Promise<() => Promise<Watcher>> {
  const video = await tile(viewer, name).locator('video').elementHandle()
  await viewer.page.evaluate((element) => {
    interface Video {
      requestVideoFrameCallback(each: (now: number) => void): void
    }
    const page = globalThis as unknown as { watcher: Watcher; performance: { now(): number } }
    page.watcher = { longest: 0, pictures: 0 }
    let last = page.performance.now()
    const each = () => {
      const now = page.performance.now()
      page.watcher.longest = Math.max(page.watcher.longest, now - last)
      page.watcher.pictures += 1
      last = now
      ;(element as unknown as Video).requestVideoFrameCallback(each)
    }
    ;(element as unknown as Video).requestVideoFrameCallback(each)
  }, video)
  return () => viewer.page.evaluate(() => (globalThis as unknown as { watcher: Watcher }).watcher)
}

/** The processes a server started that carry media. */
const mediaWorkers = (parent: number) => childrenOf(parent, 'worker')

test('five of a hundred datagrams lost both ways: no picture stands for a second, and sound goes on', {
  timeout: 300_000,
}, async (context) => {
  const { link } = await newMeeting(server)
  const prepare = (page: Parameters<Relay['carry']>[0]) => relay.carry(page)
  const [ada, grace] = await Promise.all([join(browser, link, 'Ada', { prepare }), join(browser, link, 'Grace', { prepare })])
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  assert.ok(relay.relayed > 100, 'media takes the way through the relay')
  relay.loss = 0.05
  const looks = await Promise.all([watch(ada, 'Grace'), watch(grace, 'Ada')])
  await Promise.all([hearsAndSees(ada), hearsAndSees(grace)])
  for (let pictures = 0; pictures < 200; ) {
    await ada.page.waitForTimeout(250)
    pictures = Math.min(...(await Promise.all(looks.map((look) => look()))).map((seen) => seen.pictures))
  }
  await Promise.all([hearsAndSees(ada), hearsAndSees(grace)])
  const { dropped, relayed } = relay
  relay.loss = 0
  context.diagnostic(`${dropped} of ${dropped + relayed} datagrams lost`)
  for (const [index, look] of looks.entries()) {
    const { longest, pictures } = await look()
    context.diagnostic(`viewer ${index + 1}: ${pictures} pictures, the longest pause ${Math.round(longest)} ms`)
    assert.ok(longest < 1_000, `a picture stood for ${Math.round(longest)} ms`)
  }
  assert.deepEqual([...ada.complaints, ...grace.complaints], [])
  await Promise.all([ada, grace].map(({ page }) => page.context().close()))
})

test('the media worker is killed: it is said, and everybody is back without a click', { timeout: 300_000 }, async (context) => {
  const { link } = await newMeeting(server)
  const [ada, grace] = await Promise.all([join(browser, link, 'Ada'), join(browser, link, 'Grace')])
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  const workers = mediaWorkers(server.child.pid!)
  assert.ok(workers.length > 0, 'the server has media workers')
  const killed = performance.now()
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  await ada.page.getByText('The connection was lost. Reconnecting').waitFor()
  await picture(ada, 'reconnecting')
  await ada.page.getByText('Connected again').waitFor()
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  await Promise.all([hearsAndSees(ada), hearsAndSees(grace)])
  context.diagnostic(`everybody back after ${Math.round(performance.now() - killed)} ms`)
  assert.equal(server.child.exitCode, null, 'the server itself goes on')
  assert.deepEqual([...ada.complaints, ...grace.complaints], [])
})
