// tier: release, 60 s, alone
// The door in real Chromium, where being quick, killed or stubborn matters.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import {
  askToJoin,
  close,
  hearsAndSees,
  inCall,
  joinSignedIn,
  openBrowser,
  type Person,
  seen,
  tile,
  visit,
  waitInLobby,
} from '../room/lib/browser.ts'
import { newMeeting } from '../room/lib/meeting.ts'

let server: Server
let browser: Browser
before(async () => {
  server = await startServer()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await server?.stop()
  await server?.[Symbol.asyncDispose]()
})

const options = { timeout: 300_000 }

/** One of the demo's people, signed in and in the call with the list of people open. */
const member = (link: string, index: 0 | 1) => joinSignedIn(browser, link, server.dev.users[index]!)
const waiting = (link: string, name: string) => waitInLobby(browser, link, name)

const lobbyOf = (page: Page) => page.getByRole('heading', { name: 'You are in the lobby' })

const admitButton = ({ page }: Person, name: string) =>
  page
    .getByRole('region', { name: 'Waiting in the lobby' })
    .getByRole('listitem')
    .filter({ hasText: name })
    .getByRole('button', { name: 'Admit', exact: true })

test(
  'removed for good: not back by the old token, the old socket, a second tab, another name or cleared cookies',
  options,
  async () => {
    const { link } = await newMeeting(server)
    const host = await member(link, 0)
    const mallory = await visit(browser, link, 'Mallory')
    const media = mallory.page.waitForEvent('websocket', (socket) => socket.url().includes('access_token'))
    await askToJoin(mallory)
    await inCall(mallory)
    const socket = await media
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const tab: Person = { ...mallory, page: await mallory.page.context().newPage() }
    await tab.page.goto(link)
    await askToJoin({ ...tab, name: 'Mallory the second' })
    await inCall(tab)

    await host.page.getByRole('button', { name: 'Actions for Mallory', exact: true }).click()
    await host.page.getByRole('menuitem', { name: 'Remove from meeting' }).click()
    await host.page.getByRole('button', { name: 'Remove from meeting' }).click()
    const removed = (page: Page) => page.getByRole('heading', { name: 'You were removed from the meeting' })
    await Promise.all([removed(mallory.page).waitFor(), removed(tab.page).waitFor(), closed])
    const opens = await mallory.page.evaluate(
      (url) =>
        new Promise<boolean>((resolve) => {
          const again = new (globalThis as unknown as { WebSocket: typeof WebSocket }).WebSocket(url)
          again.addEventListener('open', () => resolve(true))
          again.addEventListener('error', () => resolve(false))
        }),
      socket.url(),
    )
    assert.equal(opens, false, 'the old token at the media server')

    await mallory.page.reload()
    const otherName: Person = { ...mallory, name: 'Somebody Else', page: await mallory.page.context().newPage() }
    await otherName.page.goto(link)
    await askToJoin(otherName)
    await removed(otherName.page).waitFor()

    const cleared = await visit(browser, link, 'A New Browser')
    await askToJoin(cleared)
    await lobbyOf(cleared.page).waitFor()
    await cleared.page.getByText('Guests are let in one by one for now').waitFor()
    await host.page.getByText('Somebody was removed, so guests who come now wait to be let in.').waitFor()
    await host.page.getByRole('region', { name: 'Waiting in the lobby' }).getByText('somebody was removed').waitFor()
    await host.page.getByRole('button', { name: 'Let guests in again' }).click()
    await inCall(cleared)
    await close(host, mallory, cleared)
  },
)

test('two admit at the same moment; the server is killed and started while two talk and one waits', options, async () => {
  const { link } = await newMeeting(server, { accessLevel: 'sameEnterprise' })
  const [host, second] = [await member(link, 0), await member(link, 1)]
  const ada = await waiting(link, 'Ada')
  const buttons = [admitButton(host, 'Ada'), admitButton(second, 'Ada')]
  await Promise.all(buttons.map((button) => button.waitFor()))
  await Promise.all(buttons.map((button) => button.click({ noWaitAfter: true }).catch(() => undefined)))
  await inCall(ada)
  await Promise.all(buttons.map((button) => button.waitFor({ state: 'detached' })))
  await second.page.getByRole('button', { name: 'Leave' }).click()
  await close(second)
  await Promise.all([seen(host, 'Ada'), hearsAndSees(host), hearsAndSees(ada)])
  assert.equal(await tile(host, 'Ada').count(), 1, 'let in once')
  const grace = await waiting(link, 'Grace')
  await admitButton(host, 'Grace').waitFor()

  await server.kill()
  const ports = { PARLEY_PORT: new URL(server.dev.baseUrl).port, PARLEY_HTTPS_PORT: new URL(server.dev.httpsBaseUrl).port }
  const { dataFolder, [Symbol.asyncDispose]: dispose } = server
  const again = await startServer({ dataFolder, env: ports })
  server = {
    ...again,
    [Symbol.asyncDispose]: async () => {
      await again.stop()
      await dispose()
    },
  }
  await Promise.all([hearsAndSees(host), hearsAndSees(ada)])
  assert.equal(await lobbyOf(grace.page).isVisible(), true, 'who waited waits')
  assert.equal(await inCallNow(grace), false)
  await admitButton(host, 'Grace').click()
  await inCall(grace)
  await seen(grace, 'Ada')
  await close(host, ada, grace)
})

const inCallNow = ({ page }: Person) => page.getByRole('toolbar', { name: 'Meeting controls' }).isVisible()
