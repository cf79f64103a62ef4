// tier: full, 30 s
// A stranger's single requests: none stands the server still, is kept waiting for ever, or leaves more than it may.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { appToken, type Server, startServer } from '../lib/server.ts'
import { formsOf, Visitor } from './lib/visitor.ts'

let server: Server
let dataFolder: string
before(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'parley-'))
  chmodSync(dataFolder, 0o755)
  server = await startServer({ dataFolder })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(dataFolder, { recursive: true, force: true })
})

/** Send bytes and read what comes back until the connection ends or `enough` says so. */
async function raw(text: string, enough: (answer: string) => boolean = (answer) => answer.includes('\r\n\r\n')): Promise<string> {
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  try {
    return await new Promise((resolve, reject) => {
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk: string) => {
        answer += chunk
        if (enough(answer)) resolve(answer)
      })
      socket.on('end', () => resolve(answer))
      socket.on('error', reject)
      socket.write(text)
    })
  } finally {
    socket.destroy()
  }
}

const statusOf = (answer: string) => Number(answer.slice(9, 12))
const rows = (sql: string) => {
  const database = new DatabaseSync(join(dataFolder, 'parley.db'), { readOnly: true })
  try {
    return database.prepare(sql).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

test('the longest path and the longest form are answered', { timeout: 60_000 }, async () => {
  const path = `/v1.0/communications/onlineMeetings/getAllTranscripts(a=${'%20'.repeat(5_000)}()`
  assert.equal(statusOf(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)), 400)
  const token = await appToken(server.dev)
  const shorter = `/v1.0/communications/onlineMeetings/getAllTranscripts(a=${'%20'.repeat(600)}()`
  const refused = await fetch(`${server.url}${shorter}`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(refused.status, 400)
  for (const body of [
    'a&'.repeat(30_000),
    Array.from({ length: 12_000 }, (_, index) => index).join('&'),
    `client_secret=a${'\u0301\u0316'.repeat(5_000)}`,
  ]) {
    const answer = await fetch(server.dev.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    assert.equal(answer.status, 400)
    await answer.body?.cancel()
  }
})

test('Graph refuses a stranger before the body has come', async () => {
  const head = `POST /v1.0/me/onlineMeetings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`
  assert.equal(statusOf(await raw(head)), 401)
})

test('openapi.json and $metadata are sent compressed, and not at all to whoever has them', async () => {
  for (const path of ['/openapi.json', '/v1.0/$metadata']) {
    const first = await fetch(`${server.url}${path}`, { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(first.headers.get('content-encoding'), 'gzip', path)
    const plain = await fetch(`${server.url}${path}`, { headers: { 'accept-encoding': 'identity' } })
    assert.equal(plain.headers.get('content-encoding'), null)
    assert.equal(await first.text(), await plain.text())
    const etag = first.headers.get('etag')!
    assert.equal((await fetch(`${server.url}${path}`, { headers: { 'if-none-match': etag } })).status, 304)
  }
})

test('strangers write nothing of their own on the page of refusals', async () => {
  const { dev } = server
  const send = (fields: Record<string, string>) =>
    fetch(dev.tokenUrl, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }) })
  for (let index = 0; index < 50; index++) {
    await send({ client_id: `made-up-${index}`, client_secret: 'x', scope: `https://noise-${index}.example/.default` })
    await send({ client_id: dev.clientId, client_secret: 'x', scope: `https://noise-${index}.example/.default` })
  }
  const noted = async () => rows('select app_id, reason, count from access_refusals')
  const deadline = Date.now() + 5_000
  while (!(await noted()).some(({ count }) => Number(count) >= 50) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const found = await noted()
  // One row for each code of the application, and of all that do not exist: earlier tests have sent three other ones.
  assert.ok(found.length <= 5, JSON.stringify(found))
  assert.deepEqual([...new Set(found.map(({ app_id }) => app_id))].sort(), ['', dev.clientId])
  for (const { reason } of found) assert.doesNotMatch(String(reason), /noise/)
})

test('signing out at the OAuth endpoint needs the form of the page', async () => {
  const { dev } = server
  const visitor = new Visitor(dev.baseUrl)
  const query = new URLSearchParams({
    ...{ client_id: dev.clientId, response_type: 'code', redirect_uri: 'http://localhost', scope: 'openid' },
    ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' },
  })
  let page = await visitor.get(`/signin?return=${encodeURIComponent('/meetings')}`)
  const { upn, password } = dev.users[0]!
  page = await visitor.submit(page, { upn, password })
  page = await visitor.get(`/${dev.tenantId}/oauth2/v2.0/authorize?${query}`)
  assert.ok((await visitor.submit(page, { decision: 'accept' })).location?.includes('code='))
  await visitor.post(`/${dev.tenantId}/oauth2/v2.0/logout/confirm`, { logout: 'yes' })
  assert.match((await visitor.get('/meetings')).url, /\/meetings$/)
  const asked = await visitor.get(`/${dev.tenantId}/oauth2/v2.0/logout`)
  const { csrf, ...rest } = formsOf(asked.text)[0]!.fields
  assert.ok(csrf)
  await visitor.post(`/${dev.tenantId}/oauth2/v2.0/logout/confirm`, { ...rest, csrf: 'x', logout: 'yes' })
  assert.match((await visitor.get('/meetings')).url, /\/meetings$/)
  await visitor.post(`/${dev.tenantId}/oauth2/v2.0/logout/confirm`, { ...rest, csrf, logout: 'yes' })
  assert.match((await visitor.get('/meetings')).url, /\/signin/)
})

test('what the server measures is for this machine, and no proxy makes others look like it', async () => {
  assert.equal((await fetch(`${server.url}/metrics`)).status, 200)
  assert.equal((await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).status, 401)
})

test('the data folder is closed to others, whatever it was made with', () => {
  assert.equal(statSync(dataFolder).mode & 0o777, 0o700)
  for (const name of ['parley.db', 'parley.db-wal', 'server.lock'])
    assert.equal(statSync(join(dataFolder, name)).mode & 0o077, 0, name)
  assert.match(server.output().stderr, /could be read by others/)
})

test('anonymous sign-ins leave a bounded number of rows', { timeout: 60_000 }, async () => {
  const { dev } = server
  const query = new URLSearchParams({
    ...{
      client_id: dev.clientId,
      response_type: 'code',
      redirect_uri: 'http://localhost',
      scope: 'openid',
      state: 'x'.repeat(2_000),
    },
    ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' },
  })
  const url = `${dev.httpsBaseUrl.replace('https:', 'http:').replace(/:\d+$/, `:${new URL(server.url).port}`)}/${dev.tenantId}/oauth2/v2.0/authorize?`
  const statuses: number[] = []
  for (let round = 0; round < 40; round++)
    statuses.push(
      ...(await Promise.all(Array.from({ length: 10 }, async () => (await fetch(url + query, { redirect: 'manual' })).status))),
    )
  assert.ok(statuses.includes(429))
  assert.ok(Number(rows("select count(*) as rows from oidc_payloads where model = 'Interaction'")[0]!.rows) <= 500)
  query.set('state', 'x'.repeat(9_000))
  assert.ok((await fetch(url + query, { redirect: 'manual', headers: { 'x-forwarded-for': '192.0.2.1' } })).status >= 400)
})
