// tier: full, 20 s
// Whatever is sent to the sign-in endpoints and pages, the answer is a refusal in words and never a 5xx.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Server, startServer } from '../lib/server.ts'
import { formsOf, Visitor } from './lib/visitor.ts'

let server: Server
before(async () => {
  server = await startServer()
})
after(async () => server[Symbol.asyncDispose]())

const nasty = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    '',
    'x'.repeat(5000),
    '\u0000',
    '%',
    "' or 1=1 --",
    '<script>alert(7)',
    '\r\nSet-Cookie: a=b',
    '__proto__',
    '[object Object]',
    '🂡',
    '../../..',
    'null',
    '-1',
  ),
)

test('property: the OAuth endpoints answer anything without a 5xx', async () => {
  const { dev } = server
  const good: Record<string, string> = {
    client_id: dev.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost',
    scope: 'openid User.Read',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }
  const names = fc.constantFrom(
    ...Object.keys(good),
    ...['prompt', 'max_age', 'nonce', 'state', 'login_hint', 'id_token_hint', 'response_mode', 'claims', 'request', 'ui_locales'],
    ...['grant_type', 'code', 'refresh_token', 'device_code', 'code_verifier', 'client_secret', 'client_assertion', 'user_code'],
    ...['xsrf', 'post_logout_redirect_uri', 'resource', 'acr_values', 'dpop_jkt', 'authorization_details', 'constructor'],
  )
  const endpoint = fc.constantFrom(
    'authorize',
    'token',
    'devicecode',
    'deviceauth',
    'logout',
    'logout/confirm',
    'authorize/x',
    'deviceauth/x',
  )
  const tenant = fc.constantFrom(dev.tenantId, 'parley.example', 'common', 'organizations', 'nobody.example', '%00')
  await fc.assert(
    fc.asyncProperty(
      tenant,
      endpoint,
      fc.boolean(),
      fc.array(fc.tuple(names, nasty), { maxLength: 4 }),
      async (name, path, get, changes) => {
        const parameters = new URLSearchParams(path === 'authorize' || path === 'devicecode' ? good : {})
        for (const [key, value] of changes) parameters.set(key, value)
        const url = `${server.url}/${name}/oauth2/v2.0/${path}`
        const response = get
          ? await fetch(`${url}?${parameters}`, { redirect: 'manual' })
          : await fetch(url, { method: 'POST', body: parameters, redirect: 'manual' })
        const text = await response.text()
        assert.ok(response.status < 500, `${response.status} ${get} ${url}?${parameters} ${text}`)
        assert.equal(text.includes('<script>alert(7)'), false, text)
        const location = response.headers.get('location')
        if (location !== null) {
          const { origin, protocol } = new URL(location, url)
          assert.ok([server.url, 'http://localhost'].includes(origin), `${protocol} ${location}`)
        }
      },
    ),
    { numRuns: 250 },
  )
})

test('property: the pages take any form without a 5xx', async () => {
  const visitor = new Visitor(server.url)
  await visitor.signIn(server.dev.users[0]!)
  const csrf = formsOf((await visitor.get('/meetings/new')).text)[0]!.fields.csrf!
  const made = await visitor.submit(await visitor.get('/meetings/new'), { subject: 'Target' }, '/meetings')
  const meeting = new URL(made.url).pathname
  const user = `/admin/users/${server.dev.users[1]!.id}`
  const paths = fc.constantFrom(
    ...['/meetings', meeting, `${meeting}/options`, '/meetings/x', '/meetings/%00', '/account/password', '/account/sessions'],
    ...[
      '/account/consents',
      '/admin/users',
      user,
      `${user}/consents`,
      '/admin/users/x',
      '/admin/applications',
      '/admin/applications/x',
    ],
    ...[
      '/admin/policies',
      '/admin/policies/grant',
      '/admin/policies/revoke',
      '/admin/policies/delete',
      '/admin/meetings/x/cancel',
    ],
  )
  const names = fc.constantFrom(
    ...['subject', 'kind', 'start', 'end', 'zone', 'scope', 'attendees', 'presenters', 'revision', 'upn', 'displayName', 'mail'],
    ...[
      'password',
      'current',
      'next',
      'session',
      'clientId',
      'name',
      'appIds',
      'account',
      'to',
      'roles',
      'redirectUris',
      'pem',
      'years',
    ],
  )
  await fc.assert(
    fc.asyncProperty(paths, fc.array(fc.tuple(names, nasty), { maxLength: 5 }), async (path, fields) => {
      const page = await visitor.post(path, new URLSearchParams([['csrf', csrf], ['enabled', 'on'], ...fields]))
      assert.ok(page.status < 500, `${page.status} ${path} ${JSON.stringify(fields)} ${page.text}`)
      assert.equal(page.text.includes('<script>alert(7)'), false)
    }),
    { numRuns: 250 },
  )
  const queries = fc.constantFrom(
    '/meetings?before=',
    '/admin/meetings?search=',
    '/admin/audit?before=',
    '/admin/deliveries?before=',
    '/signin?return=',
    '/signin?hint=',
    '/meetings?lang=',
    '/signin/with/',
    '/signin/back?code=',
  )
  await fc.assert(
    fc.asyncProperty(queries, nasty, async (path, value) => {
      const page = await visitor.get(path + encodeURIComponent(value))
      assert.ok(page.status < 500, `${page.status} ${path}${value}`)
      assert.equal(page.text.includes('<script>alert(7)'), false)
    }),
    { numRuns: 150 },
  )
})
