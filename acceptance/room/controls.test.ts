// tier: release, 30 s, alone
// What a person can do in the room: devices, keys, hands and reactions, information, chat, windows.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { Graph } from '../lib/graph.ts'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, becomes, join, menu, openBrowser, type Person, picture, seen, tile } from './lib/browser.ts'

let server: Server
let browser: Browser
let ada: Person
let grace: Person
before(async () => {
  server = await startServer()
  browser = await openBrowser({ flags: ['--use-fake-device-for-media-stream=device-count=3'] })
  // Renaming is off where nobody asked for it; only the Graph of today can.
  const graph = await Graph.of(server)
  const created = await graph.send('POST', `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`, {
    subject: 'Weekly planning',
    allowParticipantsToChangeName: true,
    lobbyBypassSettings: { scope: 'everyone' },
  })
  assert.equal(created.status, 201, created.text)
  const link = String(created.body.joinWebUrl)
  const permissions = { permissions: ['clipboard-read', 'clipboard-write'] }
  const people = await Promise.all([join(browser, link, 'Ada', permissions), join(browser, link, 'Grace')])
  ada = people[0]
  grace = people[1]
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
})
after(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

const panel = ({ page }: Person) => page.getByRole('complementary')
const button = ({ page }: Person, name: string) => page.getByRole('button', { name, exact: true })

test('another camera, microphone and speaker during the call; level, blur, mirror, tones, look, language, name', {
  timeout: 300_000,
}, async () => {
  const { page } = ada
  await page.evaluate(() => {
    const { MediaStreamTrack } = globalThis as unknown as { MediaStreamTrack: { prototype: Record<string, unknown> } }
    const { getCapabilities, applyConstraints } = MediaStreamTrack.prototype as Record<string, (...given: unknown[]) => unknown>
    MediaStreamTrack.prototype.getCapabilities = function () {
      return { ...(getCapabilities!.call(this) as object), backgroundBlur: [false, true] }
    }
    MediaStreamTrack.prototype.applyConstraints = async function (asked?: { backgroundBlur?: boolean }) {
      if (asked?.backgroundBlur !== undefined) (globalThis as { blurred?: boolean }).blurred = asked.backgroundBlur
      else await applyConstraints!.call(this, asked)
    }
  })
  await menu(ada, 'Settings')
  const settings = panel(ada)
  await settings.getByRole('textbox', { name: 'Your name' }).fill('Ada Lovelace')
  await settings.getByRole('button', { name: 'Change my name' }).click()
  await tile(grace, 'Ada Lovelace').waitFor()
  await tile(ada, 'Ada Lovelace').waitFor()
  const camera = settings.getByRole('combobox', { name: 'Camera' })
  await camera.locator('option').nth(2).waitFor({ state: 'attached' })
  const cameras = await camera.locator('option').allTextContents()
  assert.equal(await camera.inputValue(), await camera.locator('option').first().getAttribute('value'))
  // Not the second: Chromium's second fake camera makes depth pictures, which no call carries.
  await camera.selectOption({ index: 2 })
  await becomes(
    ada,
    `document.querySelector('.mirrored').srcObject?.getVideoTracks()[0]?.label === ${JSON.stringify(cameras[2])}`,
  )
  await settings.getByRole('combobox', { name: 'Microphone' }).selectOption({ index: 1 })
  await settings.getByRole('combobox', { name: 'Speaker' }).selectOption({ index: 1 })
  await becomes(ada, "document.querySelector('.panel meter').value > 0")
  await settings.getByRole('switch', { name: 'Blur my background' }).check()
  await becomes(ada, 'globalThis.blurred === true')
  await accessible(ada, 'the settings')
  await picture(ada, 'settings')
  await settings.getByRole('switch', { name: 'Mirror my own video' }).uncheck()
  await page.locator('.mirrored').waitFor({ state: 'detached' })
  await settings.getByRole('combobox', { name: 'Appearance' }).selectOption('Dark')
  await becomes(ada, "document.documentElement.dataset.theme === 'dark'")
  await accessible(ada, 'the settings in the dark')
  await settings.getByRole('combobox', { name: 'Language' }).selectOption('Español')
  await button(ada, 'Silenciar micrófono').waitFor()
  assert.equal(await page.evaluate('document.documentElement.lang'), 'es')
  await panel(ada).getByRole('combobox', { name: 'Idioma' }).selectOption('English')
  await page.keyboard.press('Escape')
  await seen(grace, 'Ada Lovelace')
})

test('keys: speaking while held, microphone, camera, share, hand, view; the list names them', { timeout: 300_000 }, async () => {
  const { page } = ada
  const { keyboard } = page
  const mark = tile(grace, 'Ada Lovelace').getByRole('img', { name: 'Muted' })
  await keyboard.press('Control+Shift+M')
  await mark.waitFor()
  await keyboard.down('Control')
  await keyboard.down('Space')
  await mark.waitFor({ state: 'detached' })
  await keyboard.up('Space')
  await keyboard.up('Control')
  await mark.waitFor()
  await keyboard.press('Control+Shift+M')
  await mark.waitFor({ state: 'detached' })
  await keyboard.press('Control+Shift+O')
  await tile(grace, 'Ada Lovelace').locator('video').waitFor({ state: 'detached' })
  await keyboard.press('Control+Shift+O')
  await seen(grace, 'Ada Lovelace')
  await keyboard.press('Control+Shift+E')
  await grace.page.getByRole('figure', { name: 'Shared screen: Ada Lovelace' }).waitFor()
  await button(ada, 'Stop sharing').waitFor()
  await keyboard.press('Control+Shift+E')
  await grace.page.getByRole('figure').waitFor({ state: 'detached' })
  await keyboard.press('Alt+Shift+V')
  await page.locator('.main-tile').waitFor()
  await keyboard.press('Alt+Shift+V')
  await page.locator('.main-tile').waitFor({ state: 'detached' })
  await menu(ada, 'Keyboard shortcuts')
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await list.getByText('Speak while held (when muted)').waitFor()
  assert.equal(await list.getByRole('row').count(), 13)
  await picture(ada, 'shortcuts')
  await list.getByRole('button', { name: 'Close' }).click()
  await list.waitFor({ state: 'detached' })
})

test('hands in order, a reaction on both pages, and what nobody should see of it', { timeout: 300_000 }, async () => {
  await button(grace, 'Raise hand').click()
  await ada.page.getByText('Grace raised their hand').waitFor()
  await button(ada, 'Raise hand').click()
  await tile(grace, 'Ada Lovelace').getByRole('img', { name: 'Hand raised, number 2' }).waitFor()
  await button(ada, 'People').click()
  const hands = panel(ada).getByRole('region').or(panel(ada).locator('section')).filter({ hasText: 'Raised hands' })
  await hands.getByRole('listitem').nth(1).waitFor()
  assert.deepEqual(
    (await hands.getByRole('listitem').allTextContents()).map((text) => /\d\. (Ada|Grace)/.exec(text)?.[0]),
    ['1. Grace', '2. Ada'],
  )
  await accessible(ada, 'raised hands')
  await picture(ada, 'hands')
  await button(ada, 'Lower hand').click()
  await button(grace, 'Lower hand').click()
  await hands.waitFor({ state: 'detached' })
  await ada.page.keyboard.press('Escape')
  await button(grace, 'React').click()
  await accessible(grace, 'the reactions')
  await grace.page.getByRole('menuitem', { name: 'Celebration' }).click()
  await ada.page.locator('.rain').getByText('🎉').waitFor()
  await tile(ada, 'Grace').getByText('🎉').waitFor()
  await tile(ada, 'Grace').getByText('🎉').waitFor({ state: 'detached' })
})

test('meeting information copies link, number and passcode', { timeout: 300_000 }, async () => {
  const { page } = ada
  await menu(ada, 'Meeting information')
  const info = panel(ada)
  await info.getByRole('img', { name: 'QR code of the link' }).waitFor()
  const link = new URL(page.url())
  const copied = async (what: string) => {
    await info.getByRole('button', { name: what }).click()
    await info.getByText('Copied').first().waitFor({ state: 'attached' })
    return String(await page.evaluate('navigator.clipboard.readText()'))
  }
  assert.equal(new URL(await copied('Copy link')).pathname.split('/')[2], link.pathname.split('/')[2])
  assert.match(await copied('Copy meeting number'), /^\d{9,}$/)
  assert.match(await copied('Copy conference number'), /^\d{4,}$/)
  await picture(ada, 'information')
  await page.keyboard.press('Escape')
})

test('chat: files, replies, search, deletion, an unread mark', { timeout: 300_000 }, async () => {
  await button(ada, 'Chat').click()
  const chat = panel(ada)
  const say = async (text: string) => {
    await chat.getByRole('textbox', { name: 'Message' }).fill(text)
    await ada.page.keyboard.press('Enter')
    await chat.getByRole('article').filter({ hasText: text }).waitFor()
  }
  await chat.getByText('No messages yet.').waitFor()
  await accessible(ada, 'an empty chat')
  await say('The budget is approved')
  await say('Lunch at one')
  await grace.page.getByText('Ada Lovelace (Guest) wrote: Lunch at one').waitFor()
  assert.equal(await button(grace, 'Chat').getAttribute('aria-description'), '2 unread messages')
  await button(grace, 'Chat').click()
  const choosing = grace.page.waitForEvent('filechooser')
  await button(grace, 'Send a file').click()
  await (await choosing).setFiles({ name: 'plan <b>.txt', mimeType: 'text/plain', buffer: Buffer.from('the plan') })
  const downloading = ada.page.waitForEvent('download')
  await chat.getByRole('button', { name: /^Download plan/ }).click()
  const download = await downloading
  assert.equal(readFileSync(await download.path(), 'utf8'), 'the plan')
  const budget = panel(grace).getByRole('article').filter({ hasText: 'The budget is approved' })
  await budget.hover()
  await budget.getByRole('button', { name: 'Reply' }).click()
  await grace.page.getByText('Reply to Ada Lovelace').waitFor()
  await grace.page.getByRole('textbox', { name: 'Message' }).fill('Great news')
  await grace.page.keyboard.press('Enter')
  const answer = chat.getByRole('article').filter({ hasText: 'Great news' })
  await answer.getByText('Ada Lovelace (Guest) wrote: The budget is approved').waitFor()
  await picture(ada, 'chat')
  await accessible(ada, 'a chat with a file and a reply')
  await button(ada, 'Search messages').click()
  await chat.getByRole('searchbox', { name: 'Search messages' }).fill('BUDGET')
  await chat.getByText('Lunch at one').waitFor({ state: 'detached' })
  await chat.getByRole('article').filter({ hasText: 'The budget is approved' }).first().waitFor()
  await chat.getByRole('searchbox', { name: 'Search messages' }).fill('nothing like it')
  await chat.getByText('Nothing found.').waitFor()
  await button(ada, 'Search messages').click()
  const own = chat.getByRole('article').filter({ hasText: 'Lunch at one' })
  await own.hover()
  await own.getByRole('button', { name: 'Message options' }).click()
  await ada.page.getByRole('menuitem', { name: 'Delete' }).click()
  await panel(grace).getByText('This message was deleted.').waitFor()
  assert.equal(await panel(grace).getByText('Lunch at one').count(), 0)
  for (const person of [ada, grace]) await person.page.keyboard.press('Escape')
})

test('picture in picture shows who speaks, and its buttons work', { timeout: 300_000 }, async () => {
  const { page } = ada
  assert.ok(await page.evaluate("'documentPictureInPicture' in globalThis"), 'this Chromium has it')
  await menu(ada, 'Picture in picture')
  await becomes(ada, "documentPictureInPicture.window?.document.querySelector('[role=group] video')?.currentTime > 0")
  const inside = (code: string) => page.evaluate(`(() => { const d = documentPictureInPicture.window.document; ${code} })()`)
  assert.equal(await inside("return d.querySelector('[role=group]').ariaLabel"), 'Grace')
  await inside("[...d.querySelectorAll('button')].find((b) => b.textContent === 'Mute microphone').click()")
  await tile(grace, 'Ada Lovelace').getByRole('img', { name: 'Muted' }).waitFor()
  await inside("[...d.querySelectorAll('button')].find((b) => b.textContent === 'Unmute microphone').click()")
  await tile(grace, 'Ada Lovelace').getByRole('img', { name: 'Muted' }).waitFor({ state: 'detached' })
  await becomes(ada, "getComputedStyle(documentPictureInPicture.window.document.querySelector('.pip')).display === 'flex'")
  await page.evaluate('documentPictureInPicture.window.close()')
  await seen(ada, 'Grace')
  for (const { complaints, name } of [ada, grace]) assert.deepEqual(complaints, [], `the page of ${name} complained`)
})
