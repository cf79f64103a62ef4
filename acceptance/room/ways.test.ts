// tier: release, 30 s, alone
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'
import { accessible, askToJoin, inCall, join, openBrowser, seen, tile, visit } from './lib/browser.ts'
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

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: 'dark' } as const

test('on a phone, in the dark, in Spanish', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const grace = await join(browser, link, 'Grace')
  const { page } = await visit(browser, link, 'Ada', { ...phone, locale: 'es-ES' })
  const ada = { page, name: 'Ada', complaints: [] }
  const fits = async (state: string) => {
    const [inner, whole] = await page
      .evaluate('[innerWidth, document.documentElement.scrollWidth]')
      .then((pair) => pair as number[])
    assert.ok(whole! <= inner!, `${state} is ${whole} px wide on a window of ${inner} px`)
  }
  await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Ada')
  await fits('the page before joining')
  await accessible(ada, 'the page before joining on a phone')
  await page.getByRole('button', { name: 'Unirse ahora' }).click()
  await page.getByRole('toolbar').waitFor()
  await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')])
  await fits('the call')
  await accessible(ada, 'the call on a phone')
  await page.getByRole('button', { name: 'Chat', exact: true }).click()
  await page.getByRole('textbox', { name: 'Mensaje' }).fill('Hola')
  await page.getByRole('button', { name: 'Enviar', exact: true }).click()
  await page.getByRole('article').getByText('Hola').waitFor()
  await fits('the chat')
  await accessible(ada, 'the chat on a phone')
  await page.getByRole('button', { name: 'Cerrar' }).click()
  await page.getByRole('button', { name: 'Salir' }).click()
  await page.getByRole('heading', { name: 'Has salido de la reunión' }).waitFor()
  await page.context().close()
  await grace.page.context().close()
})

test('with the keyboard alone', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const other = await join(browser, link, 'Grace')
  const ada = await visit(browser, link, 'Ada')
  const { page } = ada
  const { keyboard } = page
  /** Press Tab until the focused element has this name. */
  const tabTo = async (name: string) => {
    for (let i = 0; i < 60; i += 1) {
      await keyboard.press('Tab')
      const label = await page.evaluate(
        "(() => { const e = document.activeElement; return e?.getAttribute('aria-label') ?? e?.labels?.[0]?.textContent ?? e?.textContent ?? '' })()",
      )
      if (String(label).trim() === name) return
    }
    assert.fail(`no way to “${name}” by Tab`)
  }
  await tabTo('Your name')
  await keyboard.type('Ada')
  await keyboard.press('Enter')
  await inCall(ada)
  await seen(other, 'Ada')
  await keyboard.press('Control+Shift+M')
  await tile(other, 'Ada').getByRole('img', { name: 'Muted' }).waitFor()
  await tabTo('Unmute microphone')
  await keyboard.press('Enter')
  await page.getByRole('button', { name: 'Mute microphone', exact: true }).waitFor()
  await tabTo('Raise hand')
  await keyboard.press('Space')
  await tile(other, 'Ada').getByRole('img', { name: 'Hand raised, number 1' }).waitFor()
  await keyboard.press('Alt+Shift+C')
  await page.getByRole('complementary', { name: 'Messages' }).waitFor()
  await tabTo('Message')
  await keyboard.type('Without a mouse')
  await keyboard.press('Enter')
  await other.page.getByText('Without a mouse').waitFor()
  await keyboard.press('Escape')
  await page.getByRole('complementary', { name: 'Messages' }).waitFor({ state: 'detached' })
  await keyboard.press('Control+/')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await accessible(ada, 'the list of shortcuts')
  await keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await tabTo('More')
  await keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Speaker view' }).waitFor()
  await keyboard.press('Enter')
  await tabTo('Leave')
  await keyboard.press('Enter')
  await page.getByRole('heading', { name: 'You left the meeting' }).waitFor()
  await page.context().close()
  await other.page.context().close()
})

test('meeting information: link, number, QR code, and the number opens the meeting', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const ada = await join(browser, link, 'Ada')
  await ada.page.keyboard.press('Alt+Shift+I')
  const panel = ada.page.getByRole('complementary', { name: 'Meeting information' })
  await panel.getByRole('img', { name: 'QR code of the link' }).waitFor()
  await accessible(ada, 'the meeting information')
  const number = await panel.locator('dd').nth(1).locator('span').first().textContent()
  const passcode = panel.getByText('Passcode', { exact: true })
  const code = (await passcode.count()) > 0 ? await panel.locator('dd').nth(2).locator('span').first().textContent() : ''

  const wrong = await visit(browser, `${server.dev.baseUrl}/join`, 'Grace')
  await wrong.page.getByRole('textbox', { name: 'Meeting number' }).fill('1')
  await askToJoin(wrong)
  await wrong.page.getByText(/number or passcode is wrong|no meeting with this number/).waitFor()
  await accessible(wrong, 'the page for a meeting number')
  await wrong.page.getByRole('textbox', { name: 'Meeting number' }).fill(number ?? '')
  await wrong.page.getByRole('textbox', { name: 'Passcode' }).fill(code ?? '')
  await wrong.page.getByRole('button', { name: 'Join now' }).click()
  await inCall(wrong)
  await seen(ada, 'Grace')
  await wrong.page.context().close()
  await ada.page.context().close()
})

test('a part of the page that does not load is said, and the page heals by loading again', { timeout: 300_000 }, async () => {
  const { link } = await newMeeting(server)
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  await page.route('**/assets/meeting-page-*.js', (route) => route.abort())
  await page.goto(link)
  await page.getByRole('heading', { name: 'This page could not be loaded completely' }).waitFor()
  await page.unroute('**/assets/meeting-page-*.js')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Join now' }).waitFor()
  await context.close()
})
