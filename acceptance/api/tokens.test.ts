// tier: quick, 24 s
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { runTrusting } from '../lib/child.ts'
import { parley } from '../lib/cli.ts'
import { errorOf, Graph, organizedBy } from '../lib/graph.ts'
import { appToken, type Server, startServer } from '../lib/server.ts'

let server: Server
before(async () => {
  server = await startServer()
})
after(() => server[Symbol.asyncDispose]())

const path = '/beta/app/onlineMeetings'

interface Outcome {
  error?: string
  meeting: Record<string, unknown>
  found: Record<string, unknown>
  missing: Record<string, unknown>
}

const sdk = (way: string, ...more: string[]) =>
  runTrusting(server.dev.caFile, 'api/sdk-program.ts', [way, join(server.dataFolder, 'dev.json'), ...more]) as Promise<Outcome>

async function ask(form: Record<string, string>, options: { tenant?: string; headers?: Record<string, string> } = {}) {
  const response = await fetch(`${server.dev.baseUrl}/${options.tenant ?? server.dev.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: options.headers ?? {},
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}

const good = () => ({
  grant_type: 'client_credentials',
  client_id: server.dev.clientId,
  client_secret: server.dev.clientSecret,
  scope: 'https://graph.microsoft.com/.default',
})

for (const way of ['secret', 'origin', 'msal'])
  test(`the official SDKs get a token (${way}) and create the page's meeting over https`, async () => {
    const outcome = await sdk(way)
    assert.equal(outcome.error, undefined)
    assert.match(outcome.meeting.id as string, /^\d{9}$/)
    assert.equal(outcome.found.subject, 'subject-value')
    assert.equal(outcome.missing.statusCode, 404)
    assert.equal(outcome.missing.code, 'NotFound')
    assert.match(outcome.missing.requestId as string, /^[0-9a-f-]{36}$/)
  })

test('a certificate in place of a secret', async () => {
  const { certificate, pem } = await newCertificate()
  const certificateFile = join(server.dataFolder, 'app.pem')
  writeFileSync(certificateFile, pem)
  const before = await sdk('certificate', certificateFile)
  assert.match(before.error!, /AADSTS700027/)
  const file = join(server.dataFolder, 'app-public.pem')
  writeFileSync(file, certificate)
  assert.equal((await parley(server, 'app', 'add-certificate', server.dev.clientId, file)).code, 0)
  const outcome = await sdk('certificate', certificateFile)
  assert.equal(outcome.error, undefined)
  assert.match(outcome.meeting.id as string, /^\d{9}$/)
})

test('a wrong secret reaches the developer in words', async () => {
  const outcome = await sdk('wrong')
  assert.match(outcome.error!, /AADSTS7000215/)
})

test('the token is what Entra would issue, and verifies with the published keys', async () => {
  const token = await appToken(server.dev)
  const discovery = (await (
    await fetch(`${server.dev.baseUrl}/parley.example/v2.0/.well-known/openid-configuration`)
  ).json()) as Record<string, string>
  for (const member of ['authorization_endpoint', 'token_endpoint', 'issuer', 'jwks_uri'])
    assert.ok(URL.canParse(discovery[member]!), member)
  const keys = (await (await fetch(discovery.jwks_uri!)).json()) as JSONWebKeySet
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { audience: 'https://graph.microsoft.com' })
  assert.equal(decodeProtectedHeader(token).alg, 'RS256')
  assert.equal(payload.tid, server.dev.tenantId)
  assert.equal(payload.appid, server.dev.clientId)
  assert.equal(payload.idtyp, 'app')
  assert.equal(payload.oid, payload.sub)
  assert.deepEqual(payload.roles, ['OnlineMeetings.ReadWrite.All'])
  assert.equal(payload.exp! - payload.iat!, 3599)
})

test('every refusal has its number, word and status', async () => {
  for (const [number, error, status, form, options] of [
    [7000215, 'invalid_client', 401, { ...good(), client_secret: 'wrong' }],
    [7000218, 'invalid_client', 401, { ...good(), client_secret: '' }],
    [700016, 'unauthorized_client', 400, { ...good(), client_id: '00000000-0000-4000-8000-000000000000' }],
    [900144, 'invalid_request', 400, { ...good(), scope: '' }],
    [900144, 'invalid_request', 400, { ...good(), grant_type: '' }],
    [70003, 'unsupported_grant_type', 400, { ...good(), grant_type: 'magic' }],
    [1002012, 'invalid_scope', 400, { ...good(), scope: 'https://graph.microsoft.com/User.Read' }],
    [700022, 'invalid_scope', 400, { ...good(), scope: 'https://graph.microsoft.com/.default https://x.example/.default' }],
    [500011, 'invalid_resource', 400, { ...good(), scope: 'https://other.example/.default' }],
    [901002, 'invalid_request', 400, { ...good(), resource: 'https://graph.microsoft.com' }],
    [90002, 'invalid_request', 400, good(), { tenant: 'nowhere.example' }],
    [9001023, 'invalid_request', 400, good(), { tenant: 'common' }],
  ] as const) {
    const answer = await ask(form, options)
    assert.equal(answer.status, status, `${number}: ${JSON.stringify(answer.body)}`)
    assert.equal(answer.body.error, error)
    assert.deepEqual(answer.body.error_codes, [number])
    assert.match(
      answer.body.error_description as string,
      new RegExp(`^AADSTS${number}: .*Trace ID: .*Correlation ID: .*Timestamp: `),
    )
  }
  const get = await fetch(server.dev.tokenUrl)
  assert.deepEqual(((await get.json()) as { error_codes: number[] }).error_codes, [900561])
})

test('what clients add is ignored, HTTP Basic works, tenants go by domain too', async () => {
  const { client_secret, client_id, ...rest } = good()
  const extra = { 'x-client-SKU': 'test', claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' }
  const headers = {
    Authorization: `Basic ${Buffer.from(`${client_id}:${encodeURIComponent(client_secret)}`).toString('base64')}`,
  }
  const answer = await ask({ ...rest, ...extra }, { tenant: 'PARLEY.example', headers })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.deepEqual(Object.keys(answer.body), ['token_type', 'expires_in', 'ext_expires_in', 'access_token'])
})

test('guessing a secret is throttled, for the guesser', async () => {
  const created = JSON.parse((await parley(server, 'app', 'create', '--name', 'guessed', '--json')).stdout) as {
    clientId: string
  }
  const statuses: number[] = []
  for (let guess = 0; guess < 14; guess++) {
    const answer = await ask({ ...good(), client_id: created.clientId, client_secret: `guess-${guess}` })
    statuses.push(answer.status)
    if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  }
  assert.ok(statuses.includes(429), statuses.join(' '))
  assert.equal((await ask(good())).status, 200, 'another client is not held up')
})

test('permissions: the role, and nothing else, lets an application in', async () => {
  const withRoles = async (...roles: string[]) => {
    const { clientId } = JSON.parse(
      (await parley(server, 'app', 'create', '--name', 'x', ...roles.flatMap((role) => ['--role', role]), '--json')).stdout,
    ) as { clientId: string }
    const token = (await parley(server, 'token', '--app', clientId)).stdout.trim()
    return { clientId, graph: new Graph(server, token) }
  }
  const body = { participants: organizedBy(server.dev.users[0]!.id) }
  const none = await withRoles()
  const reader = await withRoles('OnlineMeetings.Read.All')
  const writer = await withRoles('OnlineMeetings.ReadWrite.All')
  const refused = await none.graph.send('POST', path, body)
  assert.equal(refused.status, 403)
  assert.deepEqual(
    [errorOf(refused).code, errorOf(refused).message],
    ['Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'],
  )
  assert.equal((await reader.graph.send('POST', path, body)).status, 403)
  const meeting = await writer.graph.create()
  assert.equal((await reader.graph.send('GET', `${path}/${meeting.id}`)).status, 200)
  assert.equal((await reader.graph.send('PATCH', `${path}/${meeting.id}`, { subject: 'x' })).status, 403)
  assert.equal((await reader.graph.send('DELETE', `${path}/${meeting.id}`)).status, 403)
  assert.equal((await none.graph.send('GET', `${path}/${meeting.id}`)).status, 403)
  assert.equal((await writer.graph.send('POST', `/beta/applications/${reader.clientId}/onlineMeetings`, body)).status, 403)
  await parley(server, 'app', 'delete', writer.clientId)
  const gone = await writer.graph.send('GET', `${path}/${meeting.id}`)
  assert.equal(gone.status, 401, 'the token of a deleted application')
})

test('another tenant sees nothing of a meeting', async () => {
  await parley(server, 'tenant', 'create', '--domain', 'other.example', '--name', 'Other')
  const { clientId } = JSON.parse(
    (
      await parley(
        server,
        'app',
        'create',
        '--tenant',
        'other.example',
        '--name',
        'x',
        '--role',
        'OnlineMeetings.ReadWrite.All',
        '--json',
      )
    ).stdout,
  ) as { clientId: string }
  const other = new Graph(server, (await parley(server, 'token', '--app', clientId)).stdout.trim())
  const { id } = await (await Graph.of(server)).create()
  assert.equal((await other.send('GET', `${path}/${id}`)).status, 404)
  assert.equal((await other.send('DELETE', `${path}/${id}`)).status, 404)
  assert.equal((await other.send('POST', path, { participants: organizedBy(server.dev.users[0]!.id) })).status, 404)
  assert.equal((await other.send('POST', `/beta/applications/${server.dev.clientId}/onlineMeetings`, {})).status, 404)
})

test('tokens that are none, foreign, altered or expired get 401 in Graph words', async () => {
  const token = await appToken(server.dev)
  const [head, claims, signature] = token.split('.') as [string, string, string]
  const altered = Buffer.from(JSON.stringify({ ...decodeJwt(token), roles: ['OnlineMeetings.ReadWrite.All', 'x'] })).toString(
    'base64url',
  )
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`
  for (const [message, bad] of [
    ['Access token is empty.', ''],
    ['CompactToken parsing failed with error code: 80049217', 'nonsense'],
    [undefined, `${head}.${altered}.${signature}`],
    [undefined, unsigned],
    [undefined, `${head}.${claims}.${signature.slice(0, -8)}AAAAAAAA`],
  ] as const) {
    const answer = await new Graph(server, bad).send('POST', path, {})
    assert.equal(answer.status, 401)
    assert.equal(errorOf(answer).code, 'InvalidAuthenticationToken')
    if (message !== undefined) assert.equal(errorOf(answer).message, message)
    assert.match(answer.headers.get('www-authenticate')!, /^Bearer /)
  }
})

test('keys rotate by command while the server runs, and old tokens stay valid', async () => {
  const graph = await Graph.of(server)
  const { kid } = JSON.parse((await parley(server, 'keys', 'rotate', '--json')).stdout) as { kid: string }
  await graph.create()
  const fresh = await appToken(server.dev)
  assert.equal(decodeProtectedHeader(fresh).kid, kid)
  await new Graph(server, fresh).create()
})

async function newCertificate(): Promise<{ certificate: string; pem: string }> {
  const { run } = await import('../lib/child.ts')
  const [key, certificate] = [join(server.dataFolder, 'k.pem'), join(server.dataFolder, 'c.pem')]
  const made = await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=app',
    '-keyout',
    key,
    '-out',
    certificate,
  ])
  assert.equal(made.code, 0, made.stderr)
  const { readFileSync } = await import('node:fs')
  return { certificate: readFileSync(certificate, 'utf8'), pem: readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8') }
}
