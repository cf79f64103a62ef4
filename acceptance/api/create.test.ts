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

const organizerId = '550fae72-d251-43ec-868c-373732c2704f'
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const path = '/beta/app/onlineMeetings'
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** The request of the 2018 page, to the letter. */
const seedRequest = `{
  "meetingType": "meetNow",
  "participants": {
    "organizer": {
      "identity": {
        "user": {
          "id": "550fae72-d251-43ec-868c-373732c2704f"
        }
      }
    }
  },
  "subject": "subject-value"
}`

test("the 2018 page's request gets the 2018 page's answer", async () => {
  const answer = await graph.send('POST', path, seedRequest)
  assert.equal(answer.status, 201)
  const { '@odata.context': context, ...meeting } = answer.body as Record<string, never>
  assert.equal(context, `${server.dev.baseUrl}/beta/$metadata#app/onlineMeetings/$entity`)
  assert.deepEqual(Object.keys(meeting), [
    'accessLevel',
    'audioConferencing',
    'canceledDateTime',
    'chatInfo',
    'creationDateTime',
    'endDateTime',
    'entryExitAnnouncement',
    'expirationDateTime',
    'id',
    'isCancelled',
    'joinUrl',
    'meetingType',
    'participants',
    'startDateTime',
    'subject',
  ])
  assert.match(meeting.id!, /^\d{9}$/)
  assert.equal(answer.headers.get('location'), `${server.dev.baseUrl}${path}/${meeting.id}`)
  assert.equal(meeting.meetingType, 'meetNow')
  assert.equal(meeting.accessLevel, 'everyone')
  assert.equal(meeting.entryExitAnnouncement, true)
  assert.equal(meeting.isCancelled, false)
  assert.equal(meeting.canceledDateTime, null)
  assert.equal(meeting.endDateTime, null)
  assert.equal(meeting.subject, 'subject-value')
  assert.match(meeting.creationDateTime!, utc)
  assert.equal(meeting.startDateTime, meeting.creationDateTime)
  assert.equal(Date.parse(meeting.expirationDateTime!) - Date.parse(meeting.creationDateTime!), 8 * 3_600_000)
  assert.deepEqual(meeting.participants, {
    organizer: { identity: { user: { id: organizerId, tenantId, displayName: 'Heidi Steen' } }, upn: 'heidi@parley.example' },
  })
})

test('links, thread and dial-in are composed as on the page, with our own host', async () => {
  const meeting = (await graph.create()) as Record<string, string> & {
    chatInfo: Record<string, string>
    audioConferencing: Record<string, string | null>
  }
  assert.deepEqual([meeting.chatInfo.messageId, meeting.chatInfo.replyChainMessageId], ['0', '0'])
  const thread = /^19:meeting_([A-Za-z0-9]{48})@thread\.skype$/.exec(meeting.chatInfo.threadId!)!
  assert.match(Buffer.from(thread[1]!, 'base64').toString(), guid)
  const context = `%7b%22Tid%22%3a%22${tenantId}%22%2c%22Oid%22%3a%22${organizerId}%22%7d`
  assert.equal(
    meeting.joinUrl,
    `${server.dev.baseUrl}/l/meetup-join/19%3ameeting_${thread[1]}%40thread.skype/0?context=${context}`,
  )
  const { tollNumber, tollFreeNumber, participantPasscode, leaderPasscode, dialinUrl } = meeting.audioConferencing
  assert.match(tollNumber!, /^\+\d+$/)
  assert.match(tollFreeNumber!, /^\+\d+$/)
  assert.match(participantPasscode!, /^\d{7}$/)
  assert.equal(leaderPasscode, null)
  const dialin = new URL(dialinUrl!)
  assert.equal(dialin.origin, server.dev.baseUrl)
  assert.match(dialin.pathname.split('/').at(-1)!, guid)
  assert.equal(dialin.search, `?id=${participantPasscode}`)
})

test('ids are unique and do not follow one another', async () => {
  const ids = await Promise.all(Array.from({ length: 60 }, async () => Number((await graph.create()).id)))
  assert.equal(new Set(ids).size, ids.length)
  const sorted = ids.toSorted((a, b) => a - b)
  assert.ok(sorted.at(-1)! - sorted[0]! > 1_000_000, 'the ids lie close together')
})

test('the four types and their defaults', async () => {
  const start = '2030-01-01T10:00:00Z'
  const end = '2030-01-01T11:00:00Z'
  const sixtyDays = 60 * 86_400_000
  assert.equal((await graph.create({ startDateTime: start, endDateTime: end })).meetingType, 'scheduled')
  assert.equal((await graph.create()).meetingType, 'meetNow')
  assert.equal((await graph.create({ startDateTime: start })).meetingType, 'meetNow')
  for (const meetingType of ['scheduled', 'broadcast']) {
    const meeting = (await graph.create({ meetingType, startDateTime: start, endDateTime: end })) as Record<string, string>
    assert.equal(meeting.meetingType, meetingType)
    assert.equal(Date.parse(meeting.expirationDateTime!) - Date.parse(end), sixtyDays)
    for (const [member, body] of [
      ['startDateTime', { endDateTime: end }],
      ['endDateTime', { startDateTime: start }],
      ['endDateTime', { startDateTime: end, endDateTime: start }],
      ['endDateTime', { startDateTime: start, endDateTime: start }],
    ] as const) {
      const refused = await graph.send('POST', path, { meetingType, participants: organizedBy(organizerId), ...body })
      assert.equal(refused.status, 400)
      assert.equal(errorOf(refused).target, member)
    }
  }
  const standing = (await graph.create({ meetingType: 'recurring' })) as Record<string, string>
  assert.equal(standing.startDateTime, null)
  assert.equal(Date.parse(standing.expirationDateTime!) - Date.parse(standing.creationDateTime!), sixtyDays)
  const open = await graph.create({ meetingType: 'meetNow', endDateTime: end })
  assert.equal(open.endDateTime, end)
})

test('enumeration values are matched without case and answered in the documented case', async () => {
  const meeting = await graph.create({ meetingType: 'MEETNOW', accessLevel: 'SameEnterprise' })
  assert.deepEqual([meeting.meetingType, meeting.accessLevel], ['meetNow', 'sameEnterprise'])
  for (const accessLevel of ['everyone', 'invited', 'locked', 'unknown'])
    assert.equal((await graph.create({ accessLevel })).accessLevel, accessLevel)
})

test('expirationDateTime is honoured within its range', async () => {
  const now = new Date()
  const inYears = (years: number, millis: number) => {
    const date = new Date(now)
    date.setUTCFullYear(date.getUTCFullYear() + years)
    return new Date(date.getTime() + millis).toISOString()
  }
  for (const expirationDateTime of [inYears(10, 0), inYears(-1, 60_000), inYears(2, 0)]) {
    const meeting = await graph.create({ expirationDateTime })
    assert.equal(Date.parse(meeting.expirationDateTime as string), Date.parse(expirationDateTime))
  }
  for (const expirationDateTime of [inYears(10, 60_000), inYears(-1, -1)]) {
    const refused = await graph.send('POST', path, { participants: organizedBy(organizerId), expirationDateTime })
    assert.equal(refused.status, 400)
    assert.equal(errorOf(refused).target, 'expirationDateTime')
  }
})

test('any offset is read, UTC is answered, seven digits are kept', async () => {
  const meeting = await graph.create({
    startDateTime: '2030-01-01T10:00:00.1234567-07:00',
    endDateTime: '2030-01-01T23:30:00.5000000+05:30',
  })
  assert.equal(meeting.startDateTime, '2030-01-01T17:00:00.1234567Z')
  assert.equal(meeting.endDateTime, '2030-01-01T18:00:00.5Z')
})

test('the organizer must be a user of the tenant, by object id', async () => {
  const target = 'participants.organizer.identity.user.id'
  for (const participants of [
    undefined,
    null,
    {},
    { organizer: null },
    { organizer: { identity: { user: {} } } },
    organizedBy('heidi@parley.example'),
    organizedBy(''),
  ]) {
    const refused = await graph.send('POST', path, { subject: 'x', participants })
    assert.equal(refused.status, 400, JSON.stringify(participants))
    assert.equal(errorOf(refused).target, target)
    assert.match(errorOf(refused).message, new RegExp(target.replaceAll('.', '\\.')))
  }
  const unknown = await graph.send('POST', path, { participants: organizedBy('00000000-0000-4000-8000-000000000000') })
  assert.equal(unknown.status, 404)
  assert.equal(errorOf(unknown).target, target)
  const upper = await graph.create({ participants: organizedBy(organizerId.toUpperCase()) })
  assert.deepEqual(
    (upper.participants as { organizer: { identity: { user: { id: string } } } }).organizer.identity.user.id,
    organizerId,
  )
})

test('attendees by id, by upn or both; outsiders stay as given', async () => {
  const ines = server.dev.users[1]!
  const meeting = await graph.create({
    participants: organizedBy(organizerId, [
      { identity: { user: { id: ines.id } } },
      { upn: ines.upn.toUpperCase() },
      { identity: { user: { id: ines.id, displayName: 'Inés de casa' } }, upn: ines.upn },
      { upn: 'someone@elsewhere.example' },
      { identity: { guest: { displayName: 'A guest' } }, upn: 'guest@elsewhere.example' },
    ]),
  })
  const completed = { id: ines.id, tenantId, displayName: ines.displayName }
  assert.deepEqual((meeting.participants as { attendees: unknown }).attendees, [
    { identity: { user: completed }, upn: ines.upn },
    { identity: { user: completed }, upn: ines.upn.toUpperCase() },
    { identity: { user: { ...completed, displayName: 'Inés de casa' } }, upn: ines.upn },
    { identity: null, upn: 'someone@elsewhere.example' },
    { identity: { guest: { displayName: 'A guest' } }, upn: 'guest@elsewhere.example' },
  ])
  const stored = await graph.send('GET', `${path}/${meeting.id}`)
  assert.deepEqual(stored.body, meeting)
  const nobody = await graph.send('POST', path, { participants: organizedBy(organizerId, [{ upn: ines.upn }, { identity: {} }]) })
  assert.equal(nobody.status, 400)
  assert.equal(errorOf(nobody).target, 'participants.attendees[1]')
})

test('unknown and read-only members and annotations are left alone', async () => {
  const meeting = await graph.create({
    '@odata.type': '#microsoft.graph.onlineMeeting',
    id: '000000000',
    joinUrl: 'https://elsewhere.example',
    creationDateTime: '1999-01-01T00:00:00Z',
    chatInfo: { threadId: 'mine' },
    audioConferencing: { tollNumber: '1' },
    somethingNew: { deep: [1, 2] },
  })
  assert.notEqual(meeting.id, '000000000')
  assert.ok((meeting.joinUrl as string).startsWith(server.dev.baseUrl))
  assert.ok(!('somethingNew' in meeting))
})

test('the page under /applications/{id}: own application by either id, another 403, unknown 404', async () => {
  const own = await graph.create({}, `/beta/applications/${server.dev.clientId}/onlineMeetings`)
  const context = own['@odata.context'] as string
  const objectId = /#applications\('([0-9a-f-]{36})'\)\/onlineMeetings\/\$entity$/.exec(context)![1]!
  assert.notEqual(objectId, server.dev.clientId)
  const byObjectId = await graph.send('GET', `/beta/applications/${objectId}/onlineMeetings/${own.id}`)
  assert.equal(byObjectId.status, 200)
  assert.equal((await graph.send('GET', `${path}/${own.id}`)).status, 200)
  const unknown = await graph.send('POST', '/beta/applications/00000000-0000-4000-8000-000000000000/onlineMeetings', seedRequest)
  assert.equal(unknown.status, 404)
  errorOf(unknown)
})
