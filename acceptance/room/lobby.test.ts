// tier: quick, 25 s, alone
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, askToJoin, close, inCall, joinSignedIn, openBrowser, seen, tile, visit, waitInLobby } from './lib/browser.ts'
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

/** The organizer, signed in and in the call, with the list of people open. */
const organizer = (link: string) => joinSignedIn(browser, link, server.dev.users[0]!)
const waiting = (link: string, name: string) => waitInLobby(browser, link, name)

test('guests wait, are written to, one is let in and one is not; one is muted, removed and kept out', {
  timeout: 300_000,
}, async () => {
  const { link } = await newMeeting(server, { accessLevel: 'sameEnterprise' })
  const host = await organizer(link)
  const ada = await waiting(link, 'Ada')
  const mallory = await waiting(link, 'Mal\u202Elory\u200B')
  await mallory.page.getByText('You are number 2 in line.').waitFor()
  await accessible(ada, 'the lobby')
  await host.page.getByText('Waiting in the lobby (2)').waitFor()
  await accessible(host, 'the list of people with a lobby')

  await host.page.getByRole('textbox', { name: 'Write to those waiting' }).fill('We start in five minutes')
  await host.page.getByRole('button', { name: 'Send' }).click()
  await ada.page.getByText('We start in five minutes').waitFor()
  await mallory.page.getByText('We start in five minutes').waitFor()

  const lobby = host.page.getByRole('region', { name: 'Waiting in the lobby' })
  const row = (name: string) => lobby.getByRole('listitem').filter({ hasText: name })
  await row('Mallory').getByRole('button', { name: 'Deny', exact: true }).click()
  await mallory.page.getByRole('heading', { name: 'You were not let in' }).waitFor()
  await accessible(mallory, 'the page of somebody denied')
  await row('Ada').getByRole('button', { name: 'Admit', exact: true }).click()
  await inCall(ada)
  await Promise.all([seen(host, 'Ada'), seen(ada, host.name)])

  await host.page.getByRole('button', { name: 'Actions for Ada' }).click()
  await host.page.getByRole('menuitem', { name: 'Mute', exact: true }).click()
  await tile(host, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
  await ada.page.getByText('An organizer muted you').waitFor()
  await ada.page.getByRole('button', { name: 'Unmute microphone' }).waitFor()

  await host.page.getByRole('button', { name: 'Actions for Ada' }).click()
  await host.page.getByRole('menuitem', { name: 'Remove from meeting' }).click()
  await accessible(host, 'the question before removing')
  await host.page.getByRole('button', { name: 'Remove from meeting' }).click()
  await ada.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor()
  await tile(host, 'Ada').waitFor({ state: 'detached' })
  await ada.page.getByRole('button', { name: 'Ask again' }).click()
  await ada.page.getByRole('button', { name: 'Join now' }).click()
  await ada.page.getByRole('heading', { name: /removed from the meeting|not let in/ }).waitFor()
  await close(host, ada, mallory)
})

test('all are admitted at once; the meeting is cancelled by API and all see why', { timeout: 300_000 }, async () => {
  const { link, created, graph } = await newMeeting(server, { accessLevel: 'sameEnterprise' })
  const host = await organizer(link)
  const guests = [await waiting(link, 'Ada'), await waiting(link, 'Grace')]
  await host.page.getByRole('button', { name: 'Admit all' }).click()
  for (const guest of guests) await inCall(guest)
  await guests[0]!.page.reload()
  await inCall(guests[0]!)

  const answer = await graph.send('PATCH', `/beta/app/onlineMeetings/${created.id}`, { isCancelled: true })
  assert.ok(answer.status < 300, answer.text)
  for (const person of [host, ...guests]) {
    await person.page.getByRole('heading', { name: 'This meeting was cancelled' }).waitFor()
  }
  await accessible(host, 'the page of a cancelled meeting')
  await close(host, ...guests)
})

test('an organizer ends the meeting for everyone', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const host = await organizer(link)
  const ada = await visit(browser, link, 'Ada')
  await askToJoin(ada)
  await inCall(ada)
  await host.page.getByRole('complementary').getByRole('button', { name: 'More' }).click()
  await host.page.getByRole('menuitem', { name: 'End for everyone' }).click()
  await host.page.getByRole('button', { name: 'End for everyone' }).click()
  for (const person of [host, ada]) await person.page.getByRole('heading', { name: 'The meeting has ended' }).waitFor()
  await close(host, ada)
})
