// tier: release, 45 s, alone
// More than two in a call, and what they notice of a restart.
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, close, hearsAndSees, join, moving, openBrowser, type Person, seen, tile } from './lib/browser.ts'
import { newMeeting } from './lib/meeting.ts'

let server: Server
let browser: Browser
before(async () => {
  server = await startServer()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

test('four people, hands in order, a reaction, a shared screen, somebody late', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const people: Person[] = []
  for (const name of ['Ada', 'Grace', 'Alan']) people.push(await join(browser, link, name))
  const [ada, grace, alan] = people as [Person, Person, Person]
  await grace.page.getByRole('button', { name: 'Raise hand' }).click()
  await tile(ada, 'Grace').getByRole('img', { name: 'Hand raised, number 1' }).waitFor()
  await alan.page.getByRole('button', { name: 'Raise hand' }).click()
  await tile(ada, 'Alan').getByRole('img', { name: 'Hand raised, number 2' }).waitFor()
  await grace.page.getByRole('button', { name: 'Lower hand' }).click()
  await tile(ada, 'Alan').getByRole('img', { name: 'Hand raised, number 1' }).waitFor()

  await ada.page.getByRole('button', { name: 'Share screen' }).click()
  await ada.page.getByRole('button', { name: 'Stop sharing' }).waitFor()
  const late = await join(browser, link, 'Katherine')
  people.push(late)
  const shared = late.page.getByRole('figure', { name: 'Shared screen: Ada' }).locator('video')
  await shared.waitFor()
  await late.page.waitForFunction(moving, await shared.elementHandle())
  await accessible(late, 'a shared screen')
  await ada.page.getByRole('button', { name: 'Stop sharing' }).click()
  await shared.waitFor({ state: 'detached' })
  for (const viewer of people) {
    for (const { name } of people) if (name !== viewer.name) await seen(viewer, name)
    await hearsAndSees(viewer)
  }
  await accessible(late, 'a gallery of four')
  await close(...people)
})

test('the server is stopped and started: everybody is back without a click', { timeout: 300_000 }, async (context) => {
  const { link } = await newMeeting(server)
  const ada = await join(browser, link, 'Ada')
  const grace = await join(browser, link, 'Grace')
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  const stopped = Date.now()
  server = await server.restart()
  context.diagnostic(`server ready after ${Date.now() - stopped} ms`)
  await ada.page.getByText('Connected again').waitFor()
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  await Promise.all([hearsAndSees(ada), hearsAndSees(grace)])
  context.diagnostic(`everybody back after ${Date.now() - stopped} ms`)
  await close(ada, grace)
})
