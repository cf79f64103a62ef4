// tier: quick, 9 s
// People sign in for applications: @azure/msal-node and @azure/identity, unmodified, over https.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DeviceCodeCredential } from '@azure/identity'
import { CryptoProvider, PublicClientApplication } from '@azure/msal-node'
import { type Server, sharedServer } from '../lib/server.ts'
import { trust, Visitor } from './lib/visitor.ts'

let server: Server
const redirectUri = 'http://localhost:53682/'
const scopes = ['User.Read', 'OnlineMeetings.ReadWrite']

before(async () => {
  server = await sharedServer()
  trust(server.dev)
})
after(async () => server[Symbol.asyncDispose]())

function application() {
  const { dev } = server
  return new PublicClientApplication({
    auth: {
      clientId: dev.clientId,
      authority: `${dev.httpsBaseUrl}/${dev.tenantId}`,
      knownAuthorities: [new URL(dev.httpsBaseUrl).host],
    },
  })
}

const heidi = () => server.dev.users[0]!
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

/** Walk through sign-in and consent until the application gets its code. */
async function authorize(visitor: Visitor, url: string, user = heidi()): Promise<URL> {
  let page = await visitor.get(url)
  for (let step = 0; step < 4 && page.location === null; step++) {
    if (page.text.includes('name="password"')) page = await visitor.submit(page, { upn: user.upn, password: user.password })
    else if (page.text.includes('value="accept"')) page = await visitor.submit(page, { decision: 'accept' })
    else throw new Error(`neither sign-in nor consent: ${page.status} ${page.text}`)
  }
  return new URL(page.location!)
}

test('authorization code with PKCE through MSAL: sign in, allow once, refresh silently; the token speaks for the person', async (t) => {
  const msal = application()
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes()
  const request = { scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256' as const }
  const visitor = new Visitor(server.dev.httpsBaseUrl)
  const start = await msal.getAuthCodeUrl({ ...request, state: 'xyz', nonce: 'n-1' })
  const first = await visitor.get(start)
  assert.match(first.text, /To continue to Parley demo application/)
  const back = await authorize(visitor, start)
  assert.equal(back.origin + back.pathname, redirectUri)
  assert.equal(back.searchParams.get('state'), 'xyz')
  const code = back.searchParams.get('code')!
  const result = await msal.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier, nonce: 'n-1' })
  assert.equal(result.account?.username, heidi().upn)
  assert.equal(result.account?.localAccountId, heidi().id)
  assert.equal(result.tenantId, server.dev.tenantId)
  for (const scope of scopes) assert.ok(result.scopes.includes(scope), `${scope} in ${result.scopes}`)
  const claims = claimsOf(result.accessToken)
  assert.deepEqual(String(claims.scp).split(' ').sort(), ['OnlineMeetings.ReadWrite', 'User.Read', 'openid', 'profile'])
  assert.equal(claims.oid, heidi().id)
  assert.equal(claims.tid, server.dev.tenantId)
  assert.equal(claims.aud, 'https://graph.microsoft.com')
  assert.equal(claims.ver, '1.0')
  assert.equal(claims.roles, undefined)

  const cached = await msal.acquireTokenSilent({ account: result.account!, scopes })
  assert.equal(cached.fromCache, true)
  const renewed = await msal.acquireTokenSilent({ account: result.account!, scopes, forceRefresh: true })
  assert.notEqual(renewed.accessToken, result.accessToken)
  assert.equal(claimsOf(renewed.accessToken).oid, heidi().id)

  await t.test('the next authorization needs no password; any program could be this one, so it is confirmed', async () => {
    const { challenge: again } = await new CryptoProvider().generatePkceCodes()
    const url = await msal.getAuthCodeUrl({ ...request, codeChallenge: again })
    const page = await visitor.get(url)
    assert.equal(page.location, null)
    assert.doesNotMatch(page.text, /name="password"/)
    const answer = await visitor.submit(page, { decision: 'accept' })
    assert.ok(new URL(answer.location!).searchParams.get('code'))
  })

  await t.test('so does another browser, after signing in', async () => {
    const other = new Visitor(server.dev.httpsBaseUrl)
    const page = await other.get(await msal.getAuthCodeUrl(request))
    const asked = await other.submit(page, { upn: heidi().upn, password: heidi().password })
    const answer = await other.submit(asked, { decision: 'accept' })
    assert.ok(new URL(answer.location!).searchParams.get('code'))
  })

  await t.test('a code is good once, and only with its verifier', async () => {
    await assert.rejects(msal.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier }), /invalid_grant/)
    const { challenge: own } = await new CryptoProvider().generatePkceCodes()
    const second = await authorize(visitor, await msal.getAuthCodeUrl({ ...request, codeChallenge: own }))
    const stolen = second.searchParams.get('code')!
    const wrong = new CryptoProvider()
    const { verifier: other } = await wrong.generatePkceCodes()
    await assert.rejects(
      application().acquireTokenByCode({ scopes, redirectUri, code: stolen, codeVerifier: other }),
      /invalid_grant/,
    )
  })
})

test('device code through MSAL: the person types the code, checks it, signs in', async () => {
  const msal = application()
  const visitor = new Visitor(server.dev.httpsBaseUrl)
  let seen = ''
  const result = await msal.acquireTokenByDeviceCode({
    scopes: ['https://graph.microsoft.com/.default'],
    deviceCodeCallback: ({ userCode, verificationUri, message }) => {
      seen = message
      void enterCode(visitor, verificationUri, userCode)
    },
  })
  assert.match(
    seen,
    /open the page https:\/\/localhost:\d+\/[0-9a-f-]+\/oauth2\/v2\.0\/deviceauth in a browser and type the code/,
  )
  assert.equal(result?.account?.username, heidi().upn)
  assert.ok(result?.scopes.includes('OnlineMeetings.ReadWrite'))
})

async function enterCode(visitor: Visitor, uri: string, userCode: string): Promise<string> {
  let page = await visitor.submit(await visitor.get(uri), { user_code: userCode.toLowerCase() })
  assert.match(page.text, new RegExp(userCode))
  page = await visitor.submit(page, { confirm: 'yes' })
  for (let step = 0; step < 3; step++) {
    if (page.text.includes('name="password"')) page = await visitor.submit(page, { upn: heidi().upn, password: heidi().password })
    else if (page.text.includes('value="accept"')) page = await visitor.submit(page, { decision: 'accept' })
  }
  return page.text
}

test('device code through @azure/identity', async () => {
  const { dev } = server
  const visitor = new Visitor(dev.httpsBaseUrl)
  const credential = new DeviceCodeCredential({
    clientId: dev.clientId,
    tenantId: dev.tenantId,
    authorityHost: dev.httpsBaseUrl,
    disableInstanceDiscovery: true,
    userPromptCallback: ({ userCode, verificationUri }) => void enterCode(visitor, verificationUri, userCode),
  })
  const token = await credential.getToken('https://graph.microsoft.com/OnlineMeetings.Read')
  assert.match(String(claimsOf(token.token).scp), /\bOnlineMeetings\.Read\b/)
})

test('refresh tokens rotate: a used one is refused and ends the chain', async () => {
  const { dev } = server
  const endpoint = `${dev.httpsBaseUrl}/${dev.tenantId}/oauth2/v2.0/token`
  const tokens = await codeFlow('openid offline_access User.Read')
  assert.equal(tokens.token_type, 'Bearer')
  assert.equal(tokens.expires_in, 3599)
  assert.equal(tokens.ext_expires_in, 3599)
  assert.equal(tokens.scope.split(' ').sort().join(' '), 'User.Read openid')
  const refresh = async (refresh_token: string, more: Record<string, string> = {}) => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: dev.clientId, refresh_token, ...more })
    const response = await fetch(endpoint, { method: 'POST', body })
    return { status: response.status, body: (await response.json()) as Tokens & { error: string; error_codes: number[] } }
  }
  const second = await refresh(tokens.refresh_token)
  assert.equal(second.status, 200)
  assert.notEqual(second.body.refresh_token, tokens.refresh_token)
  const wider = await refresh(second.body.refresh_token, { scope: 'Chat.ReadWrite' })
  assert.deepEqual([wider.status, wider.body.error, wider.body.error_codes], [400, 'invalid_grant', [65001]])
  const reused = await refresh(tokens.refresh_token)
  assert.deepEqual([reused.status, reused.body.error], [400, 'invalid_grant'])
  const ended = await refresh(second.body.refresh_token)
  assert.deepEqual([ended.status, ended.body.error], [400, 'invalid_grant'])
})

test('without offline_access there is no refresh token', async () => {
  const tokens = await codeFlow('openid User.Read')
  assert.equal(tokens.refresh_token, undefined)
})

interface Tokens {
  token_type: string
  expires_in: number
  ext_expires_in: number
  scope: string
  refresh_token: string
  access_token: string
}

async function codeFlow(scope: string, user = heidi()): Promise<Tokens> {
  const { dev } = server
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes()
  const query = new URLSearchParams({
    client_id: dev.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const back = await authorize(new Visitor(dev.httpsBaseUrl), `/${dev.tenantId}/oauth2/v2.0/authorize?${query}`, user)
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: dev.clientId,
    code: back.searchParams.get('code')!,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  const response = await fetch(`${dev.httpsBaseUrl}/${dev.tenantId}/oauth2/v2.0/token`, { method: 'POST', body })
  assert.equal(response.status, 200)
  return (await response.json()) as Tokens
}

test('a redirect URI that is not registered is never gone to', async () => {
  const { dev } = server
  const visitor = new Visitor(dev.httpsBaseUrl)
  for (const uri of [
    'https://evil.example/',
    'http://localhost.evil.example/',
    'http://localhost@evil.example/',
    'javascript:alert(1)',
  ]) {
    const query = new URLSearchParams({
      client_id: dev.clientId,
      response_type: 'code',
      redirect_uri: uri,
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const page = await visitor.get(`/${dev.tenantId}/oauth2/v2.0/authorize?${query}`)
    assert.equal(page.location, null, uri)
    assert.equal(page.status, 400)
    assert.match(page.text, /Signing in did not work/)
  }
})

test('refusing consent tells the application, and nothing is remembered', async () => {
  const { dev } = server
  const ines = dev.users[1]!
  const visitor = new Visitor(dev.httpsBaseUrl)
  const query = new URLSearchParams({
    client_id: dev.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid User.Read',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const path = `/${dev.tenantId}/oauth2/v2.0/authorize?${query}`
  const consent = await visitor.submit(await visitor.get(path), { upn: ines.upn, password: ines.password })
  assert.match(consent.text, /See your profile/)
  const refused = await visitor.submit(consent, { decision: 'refuse' })
  assert.equal(new URL(refused.location!).searchParams.get('error'), 'access_denied')
  assert.match((await visitor.get(path)).text, /See your profile/)
})

test('the token is good at Graph for what was allowed', async () => {
  const { dev } = server
  const { access_token: token } = await codeFlow('openid User.Read OnlineMeetings.ReadWrite')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const me = await fetch(`${dev.httpsBaseUrl}/v1.0/me`, { headers })
  assert.equal(me.status, 200, await me.clone().text())
  assert.equal(((await me.json()) as { id: string }).id, heidi().id)
  const made = await fetch(`${dev.httpsBaseUrl}/v1.0/me/onlineMeetings`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ subject: 'Mine', startDateTime: '2027-01-04T10:00:00Z', endDateTime: '2027-01-04T11:00:00Z' }),
  })
  assert.equal(made.status, 201, await made.text())
})

test('signing out at the endpoint ends the session here too, and leads back to the application', async () => {
  const { dev } = server
  const visitor = new Visitor(dev.httpsBaseUrl)
  const { challenge } = await new CryptoProvider().generatePkceCodes()
  const query = new URLSearchParams({
    client_id: dev.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  await authorize(visitor, `/${dev.tenantId}/oauth2/v2.0/authorize?${query}`)
  const out = new URLSearchParams({ client_id: dev.clientId, post_logout_redirect_uri: redirectUri, state: 'bye' })
  const asked = await visitor.get(`/${dev.tenantId}/oauth2/v2.0/logout?${out}`)
  assert.match(asked.text, /Sign out\?/)
  const gone = await visitor.submit(asked, { logout: 'yes' })
  assert.equal(gone.location, `${redirectUri}?state=bye`)
  assert.match((await visitor.get('/meetings')).url, /\/signin/)
})

test('userinfo tells what the scopes allow', async () => {
  const { dev } = server
  const { access_token: token } = await codeFlow('openid profile User.Read')
  const ask = (authorization: string) => fetch(`${dev.httpsBaseUrl}/oidc/userinfo`, { headers: { authorization } })
  const answer = await ask(`Bearer ${token}`)
  assert.deepEqual(await answer.json(), { sub: heidi().id, name: heidi().displayName, preferred_username: heidi().upn })
  assert.equal((await ask('Bearer x')).status, 401)
})

test('a person who is disabled loses tokens and refresh at once', async () => {
  const { dev } = server
  const admin = new Visitor(dev.httpsBaseUrl)
  await admin.signIn(heidi())
  const ines = dev.users[1]!
  const { access_token: token, refresh_token } = await codeFlow('openid offline_access User.Read', ines)
  const me = () => fetch(`${dev.httpsBaseUrl}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal((await me()).status, 200)
  const page = await admin.get(`/admin/users/${ines.id}`)
  await admin.post(`/admin/users/${ines.id}`, {
    csrf: /name="csrf" value="([^"]+)"/.exec(page.text)![1]!,
    displayName: ines.displayName,
    mail: ines.upn,
  })
  assert.equal((await me()).status, 401)
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: dev.clientId, refresh_token })
  const refused = await fetch(`${dev.httpsBaseUrl}/${dev.tenantId}/oauth2/v2.0/token`, { method: 'POST', body })
  assert.equal(refused.status, 400)
  assert.equal(((await refused.json()) as { error: string }).error, 'invalid_grant')
})

test("the authority `common` stands for the application's tenant", async () => {
  const { dev } = server
  const msal = new PublicClientApplication({
    auth: {
      clientId: dev.clientId,
      authority: `${dev.httpsBaseUrl}/common`,
      knownAuthorities: [new URL(dev.httpsBaseUrl).host],
    },
  })
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes()
  const request = { scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256' as const }
  const back = await authorize(new Visitor(dev.httpsBaseUrl), await msal.getAuthCodeUrl(request))
  const result = await msal.acquireTokenByCode({
    scopes,
    redirectUri,
    code: back.searchParams.get('code')!,
    codeVerifier: verifier,
  })
  assert.equal(result.tenantId, dev.tenantId)
  assert.equal(result.account?.username, heidi().upn)
})
