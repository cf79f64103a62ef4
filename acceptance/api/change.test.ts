// tier: quick, 4 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorOf, Graph, organizedBy } from '../lib/graph.ts'
import { type Server, sharedServer } from '../lib/server.ts'

let server: Server
let graph: Graph
before(async () => {
  server = await sharedServer()
  graph = await Graph.of(server)
})
after(() => server[Symbol.asyncDispose]())

const path = '/beta/app/onlineMeetings'

test('a meeting is found by its id, and $select shapes the answer', async () => {
  const meeting = await graph.create({ subject: 'find me' })
  const found = await graph.send('GET', `${path}/${meeting.id}`)
  assert.equal(found.status, 200)
  assert.deepEqual(found.body, meeting)
  const keyed = await graph.send('GET', `${path}('${meeting.id}')/`)
  assert.equal(keyed.status, 200)
  const selected = await graph.send('GET', `${path}/${meeting.id}?$select=subject,ID`)
  assert.deepEqual(selected.body, {
    '@odata.context': `${server.dev.baseUrl}/beta/$metadata#app/onlineMeetings(subject,id)/$entity`,
    id: meeting.id,
    subject: 'find me',
  })
  const wrong = await graph.send('GET', `${path}/${meeting.id}?$select=nonsense`)
  assert.equal(wrong.status, 400)
  assert.match(errorOf(wrong).message, /nonsense/)
  for (const query of ['$top=1', '$filter=a', '$what=1', '$select=a&select=b', '$select=%E0']) {
    const refused = await graph.send('GET', `${path}/${meeting.id}?${query}`)
    assert.equal(refused.status, 400, query)
    errorOf(refused)
  }
  for (const id of ['999999999', 'x', "'", '%00'.replace('%00', '%2F'), '1 or 1=1']) {
    const missing = await graph.send('GET', `${path}/${encodeURIComponent(id)}`)
    assert.equal(missing.status, 404, id)
    errorOf(missing)
  }
})

test('cancelling sets the moment once; reinstating clears it', async () => {
  const { id } = await graph.create()
  const cancelled = await graph.send('PATCH', `${path}/${id}`, { isCancelled: true })
  assert.equal(cancelled.status, 200)
  assert.equal(cancelled.body.isCancelled, true)
  assert.match(cancelled.body.canceledDateTime as string, /Z$/)
  const again = await graph.send('PATCH', `${path}/${id}`, { isCancelled: true })
  assert.equal(again.body.canceledDateTime, cancelled.body.canceledDateTime)
  const back = await graph.send('PATCH', `${path}/${id}`, { isCancelled: false })
  assert.deepEqual([back.body.isCancelled, back.body.canceledDateTime], [false, null])
})

test('what can change changes, what cannot is refused by name, the rest stays', async () => {
  const before = await graph.create({
    startDateTime: '2030-01-01T10:00:00Z',
    endDateTime: '2030-01-01T11:00:00Z',
    subject: 'old',
  })
  const url = `${path}/${before.id}`
  const ines = server.dev.users[1]!
  const change = {
    subject: 'new',
    accessLevel: 'invited',
    entryExitAnnouncement: false,
    startDateTime: '2031-01-01T10:00:00Z',
    endDateTime: '2031-01-01T11:00:00Z',
    participants: { attendees: [{ upn: ines.upn }] },
  }
  const changed = (await graph.send('PATCH', url, change)).body
  assert.equal(changed.subject, 'new')
  assert.equal(changed.accessLevel, 'invited')
  assert.equal(changed.entryExitAnnouncement, false)
  assert.equal(changed.startDateTime, change.startDateTime)
  assert.equal(Date.parse(changed.expirationDateTime as string), Date.parse(change.endDateTime) + 60 * 86_400_000)
  assert.equal((changed.participants as { attendees: unknown[] }).attendees.length, 1)
  assert.deepEqual([changed.id, changed.joinUrl, changed.creationDateTime], [before.id, before.joinUrl, before.creationDateTime])
  const { '@odata.context': _context, ...whole } = changed
  assert.equal((await graph.send('PATCH', url, whole)).status, 200, 'a client may send back what it read')
  for (const [target, body] of [
    ['id', { id: '1' }],
    ['joinUrl', { joinUrl: 'https://x.example' }],
    ['meetingType', { meetingType: 'broadcast' }],
    ['creationDateTime', { creationDateTime: '2000-01-01T00:00:00Z' }],
    ['participants.organizer', { participants: organizedBy(ines.id) }],
    ['endDateTime', { endDateTime: '2000-01-01T00:00:00Z' }],
    ['accessLevel', { accessLevel: null }],
    ['accessLevel', { accessLevel: 'nobody' }],
    ['isCancelled', { isCancelled: 'yes' }],
    ['expirationDateTime', { expirationDateTime: '2090-01-01T00:00:00Z' }],
  ] as const) {
    const refused = await graph.send('PATCH', url, body)
    assert.equal(refused.status, 400, JSON.stringify(body))
    assert.equal(errorOf(refused).target, target)
  }
  assert.deepEqual((await graph.send('GET', url)).body, changed, 'a refused change changed something')
})

test('fifty changes at once all arrive', async () => {
  const { id } = await graph.create()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => graph.send('PATCH', `${path}/${id}`, { subject: `n${n}` })),
  )
  for (const answer of answers) assert.ok(answer.status === 200 || answer.status === 409, answer.text)
})

test('deleted means gone, and the link closed', async () => {
  const meeting = await graph.create()
  const deleted = await graph.send('DELETE', `${path}/${meeting.id}`)
  assert.deepEqual([deleted.status, deleted.text], [204, ''])
  assert.equal((await graph.send('GET', `${path}/${meeting.id}`)).status, 404)
  assert.equal((await graph.send('DELETE', `${path}/${meeting.id}`)).status, 404)
  assert.equal((await graph.send('PATCH', `${path}/${meeting.id}`, {})).status, 404)
  assert.equal((await fetch(meeting.joinUrl as string)).status, 404)
})
