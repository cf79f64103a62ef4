// tier: release, 60 s, alone
// The pages in a real browser: accessible (axe), usable with scripts, without scripts and on a phone, and nothing refused by the policy.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type Server, startServer } from '../lib/server.ts'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']
/** Set to a folder, the test leaves pictures of what it saw there. */
const pictures = process.env.SCREENSHOTS

let server: Server
let browser: Browser
before(async () => {
  server = await startServer()
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...flags, '--no-first-run'] })
})
after(async () => {
  await browser.close()
  await server[Symbol.asyncDispose]()
})

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Madrid' }
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  locale: 'es-ES',
  timezoneId: 'Europe/Madrid',
  colorScheme: 'dark',
}

async function open(options: BrowserContextOptions): Promise<Page & { refused: string[] }> {
  const context = await browser.newContext(options)
  const page = Object.assign(await context.newPage(), { refused: [] as string[] })
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) page.refused.push(message.text())
  })
  page.on('pageerror', (error) => page.refused.push(String(error)))
  return page
}

async function signIn(page: Page): Promise<void> {
  const { upn, password } = server.dev.users[0]!
  await page.goto(`${server.url}/signin`)
  await page.fill('#upn', upn)
  await page.fill('#password', password)
  await page.press('#password', 'Enter')
  await page.waitForURL('**/meetings')
}

async function check(page: Page & { refused: string[] }, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: false })
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, html }) => `${target} ${html}`).join('; ')}`),
    [],
    name,
  )
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.ok(Number(wide) <= 0, `${name} is ${wide} pixels too wide`)
  assert.deepEqual(page.refused, [], name)
}

for (const [kind, options] of [
  ['desktop', desktop],
  ['phone', phone],
] as const)
  test(`every page is clean on a ${kind}`, async () => {
    const page = await open(options)
    await page.goto(`${server.url}/signin`)
    await check(page, `sign-in-${kind}`)
    await page.fill('#upn', `nobody-${kind}@parley.example`)
    await page.fill('#password', 'x')
    await page.press('#password', 'Enter')
    await page.waitForSelector('[role=alert]')
    await check(page, `sign-in-wrong-${kind}`)
    await signIn(page)
    await page.goto(`${server.url}/meetings/new`)
    await page.fill('#subject', kind === 'phone' ? 'Revisión del trimestre' : 'Quarterly review')
    await page.fill('#attendees', 'ines@parley.example\nguest@elsewhere.example')
    await check(page, `meeting-new-${kind}`)
    await page.click('.form button.primary')
    await page.waitForURL(/\/meetings\/\d+/)
    const meeting = new URL(page.url()).pathname
    await check(page, `meeting-${kind}`)
    for (const [path, name] of [
      ['/meetings', 'meetings'],
      [`${meeting}/options`, 'meeting-options'],
      [`${meeting}/attendance`, 'meeting-attendance'],
      ['/account', 'account'],
      ['/admin', 'admin'],
      ['/admin/users', 'admin-users'],
      [`/admin/users/${server.dev.users[1]!.id}`, 'admin-user'],
      ['/admin/applications', 'admin-applications'],
      ['/admin/policies', 'admin-policies'],
      ['/admin/meetings', 'admin-meetings'],
      ['/admin/refusals', 'admin-refusals'],
      ['/admin/deliveries', 'admin-deliveries'],
      ['/admin/settings', 'admin-settings'],
      ['/admin/audit', 'admin-audit'],
    ] as const) {
      await page.goto(server.url + path)
      await check(page, `${name}-${kind}`)
    }
    await page.goto(`${server.url}/admin/applications`)
    await page.click('table a')
    await page.waitForURL(/applications\//)
    await check(page, `admin-application-${kind}`)
    await page.context().close()
  })

test('the times of a form are those of the browser, and a standing meeting has none', async () => {
  const page = await open(desktop)
  await signIn(page)
  await page.goto(`${server.url}/meetings/new`)
  assert.equal(await page.inputValue('#zone'), 'Europe/Madrid')
  assert.equal(await page.isVisible('#start'), true)
  await page.selectOption('#kind', 'recurring')
  assert.equal(await page.isVisible('#start'), false)
  await page.context().close()
})

test('everything works without scripts', async () => {
  const page = await open({ ...desktop, javaScriptEnabled: false })
  await signIn(page)
  await page.goto(`${server.url}/meetings/new`)
  await page.fill('#subject', 'No scripts')
  await page.click('.form button.primary')
  await page.waitForURL(/\/meetings\/\d+/)
  await page.click('details.confirm summary')
  await page.click('details.confirm[open] button')
  await page.waitForURL(/done=cancelled/)
  await page.context().close()
})

test('signing in for an application and allowing it leads back to it, past the policy on forms', async () => {
  const { dev } = server
  const page = await open(desktop)
  const query = new URLSearchParams({
    client_id: dev.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:9/',
    scope: 'openid profile offline_access User.Read OnlineMeetings.ReadWrite',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  let back = ''
  await page.route('http://localhost:9/**', (route) => {
    back = route.request().url()
    return route.fulfill({ body: 'back' })
  })
  await page.goto(`${server.url}/${dev.tenantId}/oauth2/v2.0/authorize?${query}`)
  await check(page, 'sign-in-application-desktop')
  await page.fill('#upn', dev.users[1]!.upn)
  await page.fill('#password', dev.users[1]!.password)
  await page.press('#password', 'Enter')
  await page.waitForSelector('button[value=accept]')
  await check(page, 'consent-desktop')
  await page.click('button[value=accept]')
  await page.waitForURL('http://localhost:9/**')
  assert.ok(new URL(back).searchParams.get('code'))
  assert.deepEqual(page.refused, [])
  await page.context().close()
})

test('the page for the code of a device', async () => {
  const { dev } = server
  const response = await fetch(`${server.url}/${dev.tenantId}/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: dev.clientId, scope: 'openid User.Read' }),
  })
  const device = (await response.json()) as { user_code: string; verification_uri: string }
  const page = await open(phone)
  await page.goto(device.verification_uri)
  await check(page, 'device-phone')
  await page.fill('#code', device.user_code)
  await page.click('button.primary')
  await page.waitForSelector('button[name=confirm]')
  await check(page, 'device-confirm-phone')
  await page.click('button[name=confirm]')
  await page.waitForSelector('#password')
  assert.deepEqual(page.refused, [])
  await page.context().close()
})
