// tier: quick, 25 s, alone
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, close, hearsAndSees, inCall, join, openBrowser, type Person, seen, tile, visit } from './lib/browser.ts'
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

test('two people see and hear each other, leave and come back', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const first = await visit(browser, link, 'Ada')
  await first.page.getByRole('heading', { name: 'Weekly planning' }).waitFor()
  await accessible(first, 'the page before joining')
  await first.page.getByRole('button', { name: 'Test my connection' }).click()
  await first.page.getByText('The browser can send sound and video (UDP)').waitFor()
  await first.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await first.page.getByRole('button', { name: 'Join now' }).click()
  await inCall(first)
  await first.page.getByText('You are the only one here').waitFor()

  const second = await join(browser, link, 'Grace')
  await first.page.getByText('Grace joined').waitFor()
  await Promise.all([seen(first, 'Grace'), seen(second, 'Ada'), hearsAndSees(first), hearsAndSees(second)])
  await accessible(first, 'a call of two')

  await first.page.getByRole('button', { name: 'Mute microphone', exact: true }).click()
  await tile(second, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
  await first.page.getByRole('button', { name: 'Turn camera off' }).click()
  await tile(second, 'Ada').locator('video').waitFor({ state: 'detached' })
  await first.page.getByRole('button', { name: 'Turn camera on' }).click()
  await seen(second, 'Ada')

  await second.page.getByRole('button', { name: 'Leave' }).click()
  await second.page.getByRole('heading', { name: 'You left the meeting' }).waitFor()
  await accessible(second, 'the page after leaving')
  await first.page.getByText('Grace left').waitFor()
  await second.page.getByRole('button', { name: 'Rejoin' }).click()
  await second.page.getByRole('button', { name: 'Join now' }).click()
  await Promise.all([seen(first, 'Grace'), seen(second, 'Ada')])

  await second.page.reload()
  await inCall(second)
  await seen(first, 'Grace')
  await close(first, second)
})

test('chat: messages, replies, edits, reactions, mentions, and history for who comes late', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const ada = await join(browser, link, 'Ada')
  const grace = await join(browser, link, 'Grace')
  const chat = ({ page }: Person) => page.getByRole('button', { name: 'Chat', exact: true }).click()
  await chat(ada)
  await ada.page.getByRole('textbox', { name: 'Message' }).fill('The plan is at https://example.org/plan.')
  await ada.page.keyboard.press('Enter')
  await grace.page.getByText('Ada (Guest) wrote:').waitFor()
  await chat(grace)
  const link1 = grace.page.getByRole('link', { name: 'https://example.org/plan', exact: true })
  assert.match((await link1.getAttribute('rel')) ?? '', /noopener/)
  await grace.page.getByRole('textbox', { name: 'Message' }).pressSequentially('Thanks @Ad')
  await grace.page.getByRole('option', { name: 'Ada' }).waitFor()
  await grace.page.keyboard.press('Enter')
  await grace.page.keyboard.type('for that')
  await grace.page.keyboard.press('Enter')
  const answer = ada.page.getByRole('article').filter({ hasText: 'Thanks @Ada for that' })
  await answer.hover()
  await answer.getByRole('button', { name: 'Message options' }).click()
  await ada.page.getByRole('menuitem', { name: 'Heart' }).click()
  await grace.page.getByRole('button', { name: '❤️, 1 person' }).waitFor()
  const own = grace.page.getByRole('article').filter({ hasText: 'Thanks @Ada for that' })
  await own.hover()
  await own.getByRole('button', { name: 'Message options' }).click()
  await grace.page.getByRole('menuitem', { name: 'Edit' }).click()
  await grace.page.getByRole('textbox', { name: 'Edit message' }).fill('Thanks!')
  await grace.page.getByRole('button', { name: 'Save' }).click()
  await ada.page.getByText('Thanks! (edited)').waitFor()
  await accessible(ada, 'the chat')
  const late = await join(browser, link, 'Katherine')
  await chat(late)
  await late.page.getByText('The plan is at').waitFor()
  await late.page.getByText('Thanks!').waitFor()
  await close(ada, grace, late)
})
