// tier: quick, 14 s
// Every row of the error catalogue that can occur: status, code and literal message.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { parley } from '../lib/cli.ts'
import { type Answer, Graph, type GraphError } from '../lib/graph.ts'
import { appToken, type Server, startServer } from '../lib/server.ts'

let server: Server
let graph: Graph
let under: string
before(async () => {
  server = await startServer()
  graph = await Graph.of(server)
  under = `/v1.0/users/${server.dev.users[0]!.id}/onlineMeetings`
})
after(async () => server[Symbol.asyncDispose]())

const errorOf = (answer: Answer) => answer.body.error as GraphError

function check(answer: Answer, status: number, code: string, message: string | RegExp): void {
  assert.equal(answer.status, status, answer.text)
  const error = errorOf(answer)
  assert.equal(error.code, code)
  if (typeof message === 'string') assert.equal(error.message, message)
  else assert.match(error.message, message)
  assert.match(error.innerError.date!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.equal(error.innerError['request-id'], answer.headers.get('request-id'))
}

test('a collection without a filter it knows', async () => {
  const message = "Filter expression expected - /onlineMeetings?$filter={ParameterName} eq '{id}'."
  for (const query of ['', '?$filter=subject eq %27x%27', '?$filter=JoinWebUrl ne %27x%27', '?$filter=joinWebUrl eq 1'])
    check(await graph.send('GET', `${under}${query}`), 400, 'InvalidArgument', message)
  check(await graph.send('GET', '/v1.0/communications/onlineMeetings'), 400, 'InvalidArgument', message)
})

test('a change of what does not change', async () => {
  const made = await graph.create({}, under)
  const message =
    'One or more properties do not support updating. Please refer to Microsoft Graph documentation for more information.'
  check(await graph.send('PATCH', `${under}/${made.id}`, { joinWebUrl: null }), 400, 'InvalidArgument', message)
  const type = await graph.send('PATCH', `${under}/${made.id}`, { meetingType: 'recurring' })
  check(type, 400, 'InvalidArgument', 'Updating meeting type is not supported.')
})

test('ids that are none', async () => {
  const thread = '19:meeting_MDllN2ZhYzYtMjJhMy00MTlhLWIwODItNTFjNWM0YzhkOWJk@thread.v2'
  const teams = Buffer.from(`0#${thread}#0`).toString('base64')
  check(await graph.send('GET', `${under}/${teams}`), 400, 'BadRequest', 'Meeting Id is corrupted.')
  check(await graph.send('GET', `${under}/${encodeURIComponent(thread)}`), 400, 'BadRequest', `Invalid meeting id ${thread}.`)
})

test('query options that are wrong or not for meetings', async () => {
  for (const option of [
    '$top=1',
    '$skip=1',
    '$count=true',
    '$orderby=subject',
    '$expand=x',
    '$nonsense=1',
    '$filter=((',
    '$select=x',
  ]) {
    const filter = option.startsWith('$filter') ? '' : '&$filter=JoinWebUrl eq %27https://x/y%27'
    const answer = await graph.send('GET', `${under}?${option}${filter}`)
    check(answer, 400, '', /^The query specified in the URI is not valid\. /)
    assert.ok(errorOf(answer).message.endsWith(errorOf(answer).innerError.message!))
  }
})

test('paths, versions, methods, media types', async () => {
  check(await graph.send('GET', '/v1.0/nowhere'), 400, 'BadRequest', "Resource not found for the segment 'nowhere'.")
  check(await graph.send('GET', `/v2.0${under.slice(5)}`), 400, 'BadRequest', 'Invalid version.')
  const put = await graph.send('PUT', under, {})
  check(put, 405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.')
  const xml = await graph.send('POST', under, '<a/>', { 'Content-Type': 'text/xml' })
  assert.equal(xml.status, 415)
  const untyped = await rawPost(under)
  assert.match(untyped, /^HTTP\/1\.1 400 /)
  assert.match(untyped, /Write requests \(excluding DELETE\) must contain the Content-Type header declaration\./)
  const large = await graph.send('POST', under, `{"subject":"${'x'.repeat(1024 * 1024)}"}`)
  assert.equal(large.status, 413)
})

test('tokens', async () => {
  const wrong = (token: string) => new Graph(server, token).send('GET', under)
  check(await wrong(''), 401, 'InvalidAuthenticationToken', 'Access token is empty.')
  check(await wrong('abc'), 401, 'InvalidAuthenticationToken', 'CompactToken parsing failed with error code: 80049217')
  const answer = await wrong('abc')
  assert.match(answer.headers.get('www-authenticate')!, /^Bearer realm="", authorization_uri="http/)
})

test('roles: without the one an operation needs', async () => {
  const made = await parley(server, 'app', 'create', '--name', 'reader', '--role', 'OnlineMeetings.Read.All', '--json')
  const { clientId } = JSON.parse(made.stdout) as { clientId: string }
  const { secret } = JSON.parse((await parley(server, 'app', 'add-secret', clientId, '--json')).stdout) as { secret: string }
  const reader = new Graph(server, await appToken({ ...server.dev, clientId, clientSecret: secret }))
  const refused = await reader.send('POST', under, {})
  check(refused, 403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
  const reports = await reader.send('GET', `${under}/x/attendanceReports`)
  check(reports, 403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
  await hasRefusal(server, /the token lacks the role OnlineMeetings\.ReadWrite\.All/)
})

test('users: a upn, an unknown one; an attendee at the filter; the id of somebody else', async () => {
  const [ada, ben] = [server.dev.users[0]!, server.dev.users[1]!]
  check(await graph.send('GET', `/v1.0/users/${ada.upn}/onlineMeetings/x`), 404, 'NotFound', '')
  check(await graph.send('GET', '/v1.0/users/00000000-0000-0000-0000-000000000000/onlineMeetings/x'), 404, 'NotFound', '')
  const made = await graph.create({ participants: { attendees: [{ upn: ben.upn }] } }, under)
  const filter = `$filter=JoinWebUrl eq '${encodeURIComponent(String(made.joinWebUrl))}'`
  const looked = await graph.send('GET', `/v1.0/users/${ben.id}/onlineMeetings?${filter}`)
  check(looked, 403, 'Forbidden', '3003: User does not have access to lookup meeting')
  const secret = await graph.create({}, under)
  const other = await graph.send('GET', `/v1.0/users/${ben.id}/onlineMeetings/${secret.id}`)
  check(other, 404, 'NotFound', `Organizer Id mismatch User Id: ${ben.id}.`)
  assert.equal((await graph.send('DELETE', `${under}/${secret.id}`)).status, 204)
  check(await graph.send('GET', `${under}/${secret.id}`), 404, 'NotFound', /not found/)
  const attendee = await graph.send('POST', under, {
    participants: { attendees: [{ identity: { user: { displayName: 'x' } } }] },
  })
  check(attendee, 400, 'InvalidArgument', /participants\.attendees\[0\]\.upn/)
})

test('too many requests', async () => {
  await using small = await startServer({ env: { PARLEY_GRAPH_LIMIT: '10' } })
  const client = await Graph.of(small)
  const answers = await Promise.all(Array.from({ length: 30 }, () => client.send('GET', '/v1.0/users')))
  const refused = answers.find(({ status }) => status === 429)
  assert.ok(refused)
  check(refused, 429, 'TooManyRequests', /Too many requests/)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
})

test('strict policy: the refusal clients look for, until an administrator grants', async () => {
  await using strict = await startServer({ env: { PARLEY_ACCESS_POLICY: 'strict' } })
  const client = await Graph.of(strict)
  const { id, upn } = strict.dev.users[0]!
  const path = `/v1.0/users/${id}/onlineMeetings`
  const message = `No application access policy found for this app: ${strict.dev.clientId} on the user: ${id}.`
  check(await client.send('POST', path, {}), 403, 'Forbidden', message)
  assert.equal((await parley(strict, 'policy', 'set', 'demo', '--app', strict.dev.clientId)).code, 0)
  assert.equal((await parley(strict, 'policy', 'grant', 'demo', '--user', upn)).code, 0)
  assert.equal((await client.send('POST', path, {})).status, 201)
  await hasRefusal(strict, /no application access policy is granted/)
})

/** The administrator's list shows a refusal; it is written behind the answer. */
async function hasRefusal(at: Server, reason: RegExp): Promise<void> {
  for (let look = 0; look < 20; look++) {
    const { stdout } = await parley(at, 'policy', 'refusals', '--json')
    if ((JSON.parse(stdout) as { reason: string }[]).some((refusal) => reason.test(refusal.reason))) return
  }
  assert.fail(`no refusal of ${reason}`)
}

/** A POST without a Content-Type, which fetch cannot make. */
async function rawPost(path: string): Promise<string> {
  const { hostname, port } = new URL(server.dev.baseUrl)
  const socket = connect(Number(port), hostname)
  socket.end(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${graph.token}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
  )
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}
