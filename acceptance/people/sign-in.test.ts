// tier: quick, 6 s
// The sign-in page and what guards it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Server, startServer } from '../lib/server.ts'
import { formsOf, Visitor } from './lib/visitor.ts'

let server: Server
before(async () => {
  server = await startServer()
})
after(async () => server[Symbol.asyncDispose]())

const heidi = () => server.dev.users[0]!
const ines = () => server.dev.users[1]!

test('signing in leads to the page asked for; signing out ends the session at the server', async () => {
  const visitor = new Visitor(server.url)
  const asked = await visitor.get('/admin/users')
  assert.match(asked.url, /\/signin\?return=%2Fadmin%2Fusers$/)
  const page = await visitor.submit(asked, { upn: heidi().upn.toUpperCase(), password: heidi().password })
  assert.equal(new URL(page.url).pathname, '/admin/users')
  const cookie = visitor.cookies.get('parley-session')!
  assert.match(cookie, /^[\w-]{43}$/)
  const out = await visitor.submit(page, {}, '/signout')
  assert.match(out.text, /You are signed out/)
  visitor.cookies.set('parley-session', cookie)
  assert.match((await visitor.get('/meetings')).url, /\/signin/)
})

test('the cookie is HttpOnly, SameSite=Lax, for the host alone; its value is not in the database', async () => {
  const visitor = new Visitor(server.url)
  const page = await visitor.get('/signin')
  const [form] = formsOf(page.text)
  const response = await fetch(`${server.url}/signin`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: `parley-form=${visitor.cookies.get('parley-form')}` },
    body: new URLSearchParams({ ...form!.fields, upn: heidi().upn, password: heidi().password }),
  })
  assert.equal(response.status, 303)
  const header = response.headers.getSetCookie().find((each) => each.startsWith('parley-session='))!
  assert.match(header, /; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/)
  const { readFileSync, readdirSync } = await import('node:fs')
  const value = /^parley-session=([^;]+)/.exec(header)![1]!
  for (const name of readdirSync(server.dataFolder).filter((each) => each.startsWith('parley.db')))
    assert.equal(readFileSync(`${server.dataFolder}/${name}`).includes(value), false, name)
})

test('in Spanish and in English, by Accept-Language and by choice', async () => {
  const spanish = new Visitor(server.url, { 'accept-language': 'es-ES,es;q=0.9,en;q=0.5' })
  assert.match((await spanish.get('/signin')).text, /<html lang="es">[\s\S]*Iniciar sesión/)
  assert.match((await spanish.get('/signin?lang=en')).text, /<html lang="en">[\s\S]*Sign in/)
  assert.match((await spanish.get('/signin')).text, /<html lang="en">/, 'the choice is remembered')
})

test('wrong passwords are counted: the sixth try from one address waits, even with the right one; others can sign in', async () => {
  const visitor = new Visitor(server.url)
  const tries: number[] = []
  for (let index = 0; index < 6; index++) {
    const page = await visitor.signIn({ upn: ines().upn, password: `wrong ${index}` })
    tries.push(page.status)
  }
  assert.deepEqual(tries, [401, 401, 401, 401, 401, 429])
  const right = await visitor.signIn(ines())
  assert.equal(right.status, 429)
  assert.ok(Number(right.headers.get('retry-after')) > 0)
  assert.match(right.text, /Too many tries/)
  assert.equal(new URL((await visitor.signIn(heidi())).url).pathname, '/meetings')
})

test('an unknown account looks like a wrong password, and many tries at once count as many', async () => {
  const visitor = new Visitor(server.url)
  const unknown = await visitor.signIn({ upn: 'nobody@parley.example', password: 'x' })
  assert.equal(unknown.status, 401)
  assert.match(unknown.text, /do not belong together/)
  const page = await visitor.get('/signin')
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => visitor.submit(page, { upn: 'crowd@parley.example', password: 'x' })),
  )
  assert.equal(answers.filter(({ status }) => status === 401).length, 5)
  assert.equal(answers.filter(({ status }) => status === 429).length, 7)
})

test('a form of another site signs nobody in', async () => {
  const visitor = new Visitor(server.url)
  const page = await visitor.get('/signin')
  const [form] = formsOf(page.text)
  const fields = { ...form!.fields, upn: heidi().upn, password: heidi().password }
  const stranger = new Visitor(server.url)
  assert.equal((await stranger.post('/signin', fields)).status, 403, 'the token without its cookie')
  assert.equal((await visitor.post('/signin', { ...fields, csrf: 'x' })).status, 403, 'the cookie without its token')
  assert.equal((await visitor.post('/signin', fields, { 'sec-fetch-site': 'cross-site' })).status, 403)
  assert.equal(visitor.cookies.has('parley-session'), false)
})

test('the way back leads nowhere but to this server', async () => {
  for (const path of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/..//evil.example']) {
    const visitor = new Visitor(server.url)
    const page = await visitor.signIn(heidi(), path)
    assert.equal(new URL(page.url).pathname, '/meetings', path)
    const again = await visitor.get(`/signin?return=${encodeURIComponent(path)}`)
    assert.equal(new URL(again.url).origin, server.url, path)
  }
})

test('what people type comes back as text', async () => {
  const visitor = new Visitor(server.url)
  const upn = '"><script>alert(1)</script>@x'
  const page = await visitor.signIn({ upn, password: 'x' })
  assert.equal(page.text.includes('<script>alert'), false)
  assert.equal(formsOf(page.text)[0]!.fields.upn, upn)
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'; script-src 'self';/)
})

test('huge and malformed forms are refused in words, never with a 5xx', async () => {
  const visitor = new Visitor(server.url)
  await visitor.get('/signin')
  const cookie = `parley-form=${visitor.cookies.get('parley-form')}`
  for (const init of [
    { body: 'x'.repeat(300_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { body: '{"a":1}', headers: { 'content-type': 'application/json' } },
    { body: '%%%=%%%&csrf=%00', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { body: '', headers: {} },
  ]) {
    const response = await fetch(`${server.url}/signin`, { method: 'POST', ...init, headers: { ...init.headers, cookie } })
    assert.ok(response.status >= 400 && response.status < 500, `${response.status}`)
    assert.match(await response.text(), /<h1>/)
  }
})
