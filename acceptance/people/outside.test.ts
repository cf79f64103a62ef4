// tier: quick, 8 s
// Signing in through an OpenID provider outside: here a second server, which is one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Server, startServer } from '../lib/server.ts'
import { decode, formsOf, trust, Visitor } from './lib/visitor.ts'

let issuer: Server
let server: Server
before(async () => {
  issuer = await startServer()
  trust(issuer.dev)
  const admin = new Visitor(issuer.url)
  await admin.signIn(issuer.dev.users[0]!)
  const made = await admin.submit(await admin.get('/admin/applications'), { displayName: 'Branch office' }, '/admin/applications')
  const path = new URL(made.url).pathname
  const form = formsOf(made.text).find(({ action }) => action === path)!
  const saved = await admin.post(path, { ...form.fields, redirectUris: 'http://localhost/signin/back' })
  const shown = await admin.submit(saved, {}, '/secrets')
  const provider = {
    name: 'Head office',
    issuer: `${issuer.dev.httpsBaseUrl}/${issuer.dev.tenantId}/v2.0`,
    clientId: /<dd>([0-9a-f-]{36})<\/dd>/.exec(shown.text)![1]!,
    clientSecret: decode(/id="secret">([^<]+)</.exec(shown.text)![1]!),
    tenantId: issuer.dev.tenantId,
  }
  const env = { PARLEY_SIGNIN_ISSUERS: JSON.stringify([provider]), NODE_EXTRA_CA_CERTS: issuer.dev.caFile }
  server = await startServer({ env })
})
after(async () => {
  await server?.[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

/** Choose the issuer on the sign-in page and sign in there; resolves to where it sends the browser. */
async function viaIssuer(visitor: Visitor, user: { upn: string; password: string }): Promise<string> {
  const page = await visitor.get('/signin?return=%2Faccount')
  const link = /href="(\/signin\/with\/1[^"]*)"[^>]*>Continue with Head office</.exec(page.text)![1]!
  const leaving = await visitor.get(decode(link))
  assert.equal(new URL(leaving.location!).origin, issuer.dev.httpsBaseUrl)
  const there = new Visitor(issuer.dev.httpsBaseUrl)
  let step = await there.submit(await there.get(leaving.location!), { upn: user.upn, password: user.password })
  if (step.location === null) step = await there.submit(step, { decision: 'accept' })
  return step.location!
}

test('somebody the issuer vouches for is signed in, and only with the journey of their own browser', async () => {
  const visitor = new Visitor(server.url)
  const back = await viaIssuer(visitor, issuer.dev.users[1]!)
  const other = await new Visitor(server.url).get(back)
  assert.match(other.url, /\/signin$/, 'another browser gets nothing from the address')
  const page = await visitor.get(back)
  assert.equal(new URL(page.url).pathname, '/account')
  assert.match(page.text, /ines@parley\.example/)
  const again = await visitor.get(back)
  assert.match(again.url, /\/signin|\/meetings/, 'the address is good once')
})

test('a code or a state that was tampered with signs nobody in', async () => {
  const visitor = new Visitor(server.url)
  const back = new URL(await viaIssuer(visitor, issuer.dev.users[1]!))
  back.searchParams.set('state', 'forged')
  const page = await visitor.get(back.href)
  assert.equal(page.status, 502)
  assert.match(page.text, /Signing in with Head office did not work/)
  assert.equal(visitor.cookies.has('parley-session'), false)
})

test('somebody who is not in the directory is told so', async () => {
  const admin = new Visitor(issuer.url)
  await admin.signIn(issuer.dev.users[0]!)
  const password = 'only-at-the-issuer'
  await admin.submit(await admin.get('/admin/users'), { upn: 'zoe@parley.example', displayName: 'Zoe', password }, '/admin/users')
  const visitor = new Visitor(server.url)
  const page = await visitor.get(await viaIssuer(visitor, { upn: 'zoe@parley.example', password }))
  assert.equal(page.status, 403)
  assert.match(page.text, /not in this directory: zoe@parley\.example/)
})
