// tier: quick, 4 s, shared
// What real clients send by hand, reproduced from what they do, not from their code.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Graph } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

type Json = Record<string, unknown>

let server: Server
let graph: Graph
before(async () => {
  server = await sharedServer()
  graph = await Graph.of(server)
})
after(async () => server[Symbol.asyncDispose]())

test('cal.com: finds the user by mail with a form type on a GET, posts three members, and again to update', async () => {
  const { id, upn } = server.dev.users[0]!
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const found = await graph.send('GET', `/v1.0/users?$filter=${encodeURIComponent(`mail eq '${upn}'`)}`, undefined, form)
  assert.deepEqual(
    (found.body.value as Json[]).map((user) => user.id),
    [id],
  )
  const body = { startDateTime: '2027-02-01T09:00:00.000Z', endDateTime: '2027-02-01T09:30:00.000Z', subject: 'Call' }
  const made = await graph.send('POST', `/v1.0/users/${id}/onlineMeetings`, body)
  assert.equal(made.status, 201)
  for (const name of ['id', 'joinUrl', 'joinWebUrl']) assert.equal(typeof made.body[name], 'string', name)
  assert.equal(made.body.joinUrl, made.body.joinWebUrl)
  assert.equal((await graph.send('POST', `/v1.0/users/${id}/onlineMeetings`, { ...body, subject: 'Moved' })).status, 201)
})

test('n8n: resolves the organizer by upn, prefers all enum members, finds by link, ignores what is gone', async () => {
  const prefer = { Prefer: 'include-unknown-enum-members' }
  const [organizer, guest] = [server.dev.users[0]!, server.dev.users[1]!]
  const user = await graph.send('GET', `/v1.0/users/${encodeURIComponent(organizer.upn)}?$select=id`, undefined, prefer)
  const under = `/v1.0/users/${user.body.id}/onlineMeetings`
  const attendees = [{ identity: { user: { id: guest.id } }, upn: guest.upn, role: 'coorganizer' }]
  const made = await graph.send(
    'POST',
    under,
    { subject: 'Flow', participants: { attendees }, lobbyBypassSettings: { scope: 'invited' } },
    prefer,
  )
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('preference-applied'), 'include-unknown-enum-members')
  assert.equal((made.body.lobbyBypassSettings as Json).scope, 'invited')
  const stored = ((made.body.participants as Json).attendees as Json[])[0]!
  assert.deepEqual([stored.upn, stored.role], [guest.upn, 'coorganizer'])
  const filter = encodeURIComponent(`JoinWebUrl eq '${made.body.joinWebUrl}'`)
  const found = await graph.send('GET', `${under}?$filter=${filter}`, undefined, prefer)
  assert.equal((found.body.value as Json[])[0]!.id, made.body.id)
  const cleared = await graph.send('PATCH', `${under}/${encodeURIComponent(String(made.body.id))}`, {
    participants: { attendees: [] },
  })
  assert.deepEqual((cleared.body.participants as Json).attendees, [])
  assert.equal((await graph.send('DELETE', `${under}/${made.body.id}`)).status, 204)
  assert.equal((await graph.send('DELETE', `${under}/${made.body.id}`)).status, 404)
  const unknown = await graph.send('POST', '/v1.0/users/nobody@parley.example/onlineMeetings', {})
  assert.equal(unknown.status, 404)
})

test('the join link, at every depth of encoding a client may leave it in', async () => {
  const { id } = server.dev.users[0]!
  const under = `/v1.0/users/${id}/onlineMeetings`
  const made = await graph.create({}, under)
  const link = String(made.joinWebUrl)
  const raw = link.replaceAll(' ', '%20').replaceAll("'", '%27')
  const ways = [
    `?$filter=JoinWebUrl%20eq%20'${raw}'`,
    `?$filter=${encodeURIComponent(`JoinWebUrl eq '${link}'`)}`,
    `?$filter=JoinWebUrl eq '${encodeURIComponent(encodeURIComponent(link))}'`,
    `/?$filter=joinWebUrl+eq+'${encodeURIComponent(link)}'`,
    `?filter=JoinWebUrl eq '${encodeURIComponent(link)}'`,
    `?$filter=JoinWebUrl eq '${encodeURIComponent(link.replace('thread.v2', 'thread.skype'))}'`,
    `?$filter=JoinWebUrl eq '${encodeURIComponent(`${server.dev.baseUrl}/meet/${made.meetingCode}?p=abc`)}'`,
    `?$filter=joinMeetingIdSettings/joinMeetingId eq '${made.meetingCode}'`,
  ]
  for (const way of ways) {
    const found = await graph.send('GET', `${under}${way.replaceAll(' ', '%20')}`)
    assert.equal(found.status, 200, `${way}: ${found.text}`)
    assert.deepEqual(
      (found.body.value as Json[]).map((meeting) => meeting.id),
      [made.id],
      way,
    )
    assert.equal(found.body['@odata.context'], `${server.dev.baseUrl}/v1.0/$metadata#users('${id}')/onlineMeetings`)
  }
  const unknown = await graph.send(
    'GET',
    `${under}?$filter=JoinWebUrl eq '${encodeURIComponent(link.replace(/meeting_.{8}/, 'meeting_MDAwMDAw'))}'`,
  )
  assert.deepEqual([unknown.status, unknown.body.value], [200, []])
})

test('key syntax, trailing slashes, case, ids as text, and types in bodies', async () => {
  const { id } = server.dev.users[0]!
  const body = {
    '@odata.type': '#microsoft.graph.onlineMeeting',
    participants: {
      attendees: [{ identity: { '@odata.type': '#microsoft.graph.identitySet' }, upn: 'x@far.example' }],
      organizer: { identity: { user: { id: server.dev.users[1]!.id } } },
    },
    subject: null,
  }
  const made = await graph.send('POST', `/beta/users('${id}')/onlineMeetings/`, body)
  assert.equal(made.status, 201, made.text)
  assert.equal(((made.body.participants as Json).organizer as { identity: { user: { id: string } } }).identity.user.id, id)
  const text = Buffer.from(String(made.body.id), 'base64').toString()
  for (const key of [
    `onlineMeetings('${made.body.id}')`,
    `onlineMeetings/${encodeURIComponent(String(made.body.id))}`,
    `OnlineMeetings/${encodeURIComponent(text)}`,
    `onlineMeetings('${text}')`,
  ])
    assert.equal((await graph.send('GET', `/v1.0/users/${id}/${key}`)).status, 200, key)
})

test('$batch: twenty in one, each with its own answer', async () => {
  const { id } = server.dev.users[0]!
  const requests = Array.from({ length: 20 }, (_, index) => ({
    id: String(index),
    method: 'POST',
    url: `/users/${id}/onlineMeetings`,
    headers: { 'content-type': 'application/json' },
    body: { subject: `batch ${index}` },
  }))
  const answer = await graph.send('POST', '/v1.0/$batch', { requests })
  const responses = answer.body.responses as { id: string; status: number; body: Json }[]
  assert.deepEqual(
    responses.map(({ status }) => status),
    Array(20).fill(201),
  )
  assert.equal(new Set(responses.map(({ body }) => body.id)).size, 20)
  assert.equal((await graph.send('POST', '/v1.0/$batch', { requests: [...requests, { ...requests[0], id: 'x' }] })).status, 400)
})

test('what is hostile is refused in words or kept as text', async () => {
  const { id } = server.dev.users[0]!
  const under = `/v1.0/users/${id}/onlineMeetings`
  const nasty = "'; drop table meetings; -- <script>alert(1)</script> ${7*7} \u202e"
  const made = await graph.create({ subject: nasty }, under)
  assert.equal(made.subject, nasty)
  for (const value of [nasty, "' or 1 eq 1 or '", '%00', '\\', '${jndi:ldap://x}']) {
    const quoted = encodeURIComponent(value.replaceAll("'", "''"))
    for (const filter of [`JoinWebUrl eq '${quoted}'`, `joinMeetingIdSettings/joinMeetingId eq '${quoted}'`, quoted]) {
      const answer = await graph.send('GET', `${under}?$filter=${filter}`)
      assert.ok([200, 400].includes(answer.status), `${filter}: ${answer.text}`)
      if (answer.status === 200) assert.deepEqual(answer.body.value, [])
    }
    const users = await graph.send('GET', `/v1.0/users?$filter=mail eq '${quoted}'`)
    assert.ok(users.status === 400 || (users.body.value as Json[]).length === 0)
  }
  const attendees = Array.from({ length: 10_000 }, (_, index) => ({ upn: `p${index}@far.example` }))
  const many = await graph.send('POST', under, { participants: { attendees } })
  assert.equal(many.status, 201, many.text.slice(0, 300))
  assert.equal(((many.body.participants as Json).attendees as Json[]).length, 750)
  const more = await graph.send('POST', under, { participants: { attendees: [...attendees, { upn: 'one@more.example' }] } })
  assert.equal(more.status, 400)
  assert.equal((more.body.error as { target: string }).target, 'participants.attendees')
})

test('$metadata and the OpenAPI document need no token', async () => {
  const open = new Graph(server, '')
  const metadata = await open.send('GET', '/v1.0/$metadata')
  assert.equal(metadata.status, 200)
  assert.match(metadata.headers.get('content-type')!, /^application\/xml/)
  assert.match(metadata.text, /<EntityType Name="onlineMeeting"/)
  assert.equal((await open.send('GET', '/openapi.json')).body.openapi, '3.1.1')
})
