// tier: quick, 5 s, shared
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { errorOf, Graph, organizedBy } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

let server: Server
let graph: Graph
let participants: unknown
before(async () => {
  server = await sharedServer()
  graph = await Graph.of(server)
  participants = organizedBy(server.dev.users[0]!.id)
})
after(() => server[Symbol.asyncDispose]())

const path = '/beta/app/onlineMeetings'

test('every answer has the headers of Graph', async () => {
  const answer = await graph.send('POST', path, { participants }, { 'client-request-id': 'abc-123' })
  assert.match(answer.headers.get('request-id')!, /^[0-9a-f-]{36}$/)
  assert.equal(answer.headers.get('client-request-id'), 'abc-123')
  assert.equal(answer.headers.get('odata-version'), '4.0')
  assert.equal(answer.headers.get('cache-control'), 'no-cache')
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  assert.match(answer.headers.get('content-type')!, /^application\/json;odata\.metadata=minimal/)
  JSON.parse(answer.headers.get('x-ms-ags-diagnostic')!)
  const own = await graph.send('GET', `${path}/1`)
  assert.equal(own.headers.get('client-request-id'), own.headers.get('request-id'))
})

test('a browser may call from anywhere', async () => {
  const answer = await fetch(`${server.dev.baseUrl}${path}`, {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  })
  assert.equal(answer.status, 204)
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  assert.equal(answer.headers.get('access-control-allow-headers'), 'authorization,content-type')
})

test('bodies that are not good JSON get a clear 400 and leave nothing', async () => {
  const minimum = `"participants":${JSON.stringify(participants)}`
  const deep = (open: string, close: string) => `{${minimum},"x":${open.repeat(10_000)}1${close.repeat(10_000)}}`
  const bodies: [string, string | Uint8Array][] = [
    ['twice the same member', `{${minimum},"subject":"a","subject":"b"}`],
    ['deep arrays', deep('[', ']')],
    ['deep objects', deep('{"a":', '}')],
    ['huge number', `{${minimum},"x":1e400}`],
    ['lone surrogate', `{${minimum},"subject":"\\ud800"}`],
    ['NUL', `{${minimum},"subject":"\\u0000"}`],
    ['UTF-16', Buffer.from(`\ufeff{${minimum}}`, 'utf16le')],
    ['invalid UTF-8', Buffer.concat([Buffer.from(`{${minimum},"subject":"`), Buffer.from([0xff]), Buffer.from('"}')])],
    ['truncated', `{${minimum}`],
    ['empty', ''],
    ['white space', '   '],
    ['array', '[]'],
    ['text', '"x"'],
    ['null', 'null'],
  ]
  for (const [name, body] of bodies) {
    const answer = await graph.send('POST', path, body)
    assert.equal(answer.status, 400, `${name}: ${answer.status} ${answer.text.slice(0, 200)}`)
    errorOf(answer)
  }
  const marked = await graph.send('POST', path, Buffer.from(`\ufeff{${minimum},"subject":"with mark"}`))
  assert.equal(marked.status, 201)
  assert.equal(marked.body.subject, 'with mark')
})

test('members of the wrong type, value or length are named', async () => {
  for (const [target, members] of [
    ['subject', { subject: 5 }],
    ['subject', { subject: ['a'] }],
    ['subject', { subject: 'x'.repeat(1025) }],
    ['meetingType', { meetingType: 'party' }],
    ['meetingType', { meetingType: 3 }],
    ['accessLevel', { accessLevel: {} }],
    ['entryExitAnnouncement', { entryExitAnnouncement: 'true' }],
    ['startDateTime', { startDateTime: '2026-02-30T00:00:00Z' }],
    ['startDateTime', { startDateTime: 'tomorrow' }],
    ['startDateTime', { startDateTime: '2026-01-01T00:00:00' }],
    ['endDateTime', { endDateTime: 17 }],
    ['expirationDateTime', { expirationDateTime: '10000-01-01T00:00:00Z' }],
    ['participants', { participants: 'me' }],
    ['participants.organizer', { participants: { organizer: [] } }],
    ['participants.organizer.identity.user.id', { participants: { organizer: { identity: { user: { id: 7 } } } } }],
    ['participants.attendees', { participants: { ...(participants as object), attendees: {} } }],
    [
      'participants.attendees[1].upn',
      { participants: { ...(participants as object), attendees: [{ upn: 'a@b.example' }, { upn: 1 }] } },
    ],
    ['participants.attendees[0]', { participants: { ...(participants as object), attendees: [null] } }],
    [
      'participants.attendees',
      { participants: { ...(participants as object), attendees: Array(10_001).fill({ upn: 'a@b.example' }) } },
    ],
  ] as const) {
    const answer = await graph.send('POST', path, { participants, ...members })
    assert.equal(answer.status, 400, `${target}: ${answer.text.slice(0, 200)}`)
    assert.equal(errorOf(answer).target, target)
    assert.ok(errorOf(answer).message.includes(target))
  }
})

test('paths, methods and media types', async () => {
  const expectations: [number, string, string, string, unknown?, Record<string, string>?][] = [
    [400, 'BadRequest', 'GET', '/beta/app/nothing'],
    [400, 'BadRequest', 'GET', '/beta/%zz'],
    [400, 'BadRequest', 'GET', '/v2.0/app/onlineMeetings'],
    [405, 'Request_BadRequest', 'PUT', `${path}/123456789`, {}],
    [405, 'Request_BadRequest', 'PUT', path, {}],
    [405, 'Request_BadRequest', 'DELETE', path],
    [406, 'NotAcceptable', 'GET', `${path}/1`, undefined, { Accept: 'text/xml' }],
    [413, 'RequestEntityTooLarge', 'POST', path, `{"subject":"${'x'.repeat(1024 * 1024)}"}`],
    [415, 'UnsupportedMediaType', 'POST', path, 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    [415, 'UnsupportedMediaType', 'POST', path, '{}', { 'Content-Type': 'application/json; charset=utf-16' }],
    [415, 'UnsupportedMediaType', 'POST', path, '{}', { 'Content-Encoding': 'gzip' }],
  ]
  for (const [status, code, method, url, body, headers] of expectations) {
    const answer = await graph.send(method, url, body, headers)
    assert.equal(answer.status, status, `${method} ${url}: ${answer.text}`)
    assert.equal((answer.body.error as { code: string }).code, code)
  }
  const allowed = await graph.send('PUT', path, {})
  assert.match(allowed.headers.get('allow')!, /POST/)
  const any = await graph.send('POST', path, { participants }, { Accept: 'text/html, application/json;q=0.5' })
  assert.equal(any.status, 201)
  const untyped = await rawPost(server, graph.token, '{}')
  assert.match(untyped, /^HTTP\/1\.1 400 /)
  assert.match(untyped, /Write requests \(excluding DELETE\) must contain the Content-Type header declaration\./)
  const cased = await graph.send('POST', '/BETA/App/OnlineMeetings/', { participants })
  assert.equal(cased.status, 201)
})

/** A POST without a Content-Type, which fetch cannot make. */
async function rawPost(at: Server, token: string, body: string): Promise<string> {
  const { hostname, port } = new URL(at.dev.baseUrl)
  const socket = connect(Number(port), hostname)
  socket.end(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

test('health and metrics', async () => {
  for (const probe of ['/healthz', '/readyz']) assert.equal((await fetch(server.dev.baseUrl + probe)).status, 200)
  const metrics = await (await fetch(`${server.dev.baseUrl}/metrics`)).text()
  assert.match(metrics, /^parley_http_request_duration_seconds_count\{/m)
  assert.match(metrics, /^parley_meeting_changes_total\{kind="created"\} \d+/m)
})
