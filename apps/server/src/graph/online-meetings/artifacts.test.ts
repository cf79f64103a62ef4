import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, openGraph } from '../../../test/test-graph.ts'
import type { Instant } from '../../common/instant.ts'
import type { AttendanceSource } from '../../meetings/attendance-source.ts'

type Json = Record<string, unknown>

const session = {
  id: '4a8dd9b0-7e3a-4b8f-9c1b-5a0f6f0d7c11',
  startedAt: '2026-11-23T10:00:00.0000000Z' as Instant,
  endedAt: null,
  participants: 1,
}
const attendance: AttendanceSource = {
  isLive: async () => true,
  sessions: async () => [session],
  records: async () => [
    {
      id: 'r1',
      displayName: 'Zoë',
      email: null,
      identity: null,
      role: 'Attendee',
      intervals: [
        { joinedAt: session.startedAt, leftAt: '2026-11-23T10:01:30.0000000Z' as Instant },
        { joinedAt: '2026-11-23T10:02:00.0000000Z' as Instant, leftAt: '2026-11-23T10:02:10.0000000Z' as Instant },
      ],
    },
  ],
}

test('attendance reports: a list without records, one with them, and the records alone', async (t) => {
  const graph = await openGraph(t)
  graph.context.attendance = attendance as typeof graph.context.attendance
  const made = await graph.create({ participants: { attendees: [{ upn: graph.ben.upn }] } })
  const url = `/users/${graph.ada.id}/onlineMeetings/${made.id}/attendanceReports`
  const list = await graph.call('GET', url)
  assert.deepEqual(list.body.value, [
    {
      id: session.id,
      totalParticipantCount: 1,
      meetingStartDateTime: '2026-11-23T10:00:00Z',
      meetingEndDateTime: null,
      attendanceRecords: [],
    },
  ])
  const one = await graph.call('GET', `${url}/${session.id}?$expand=attendanceRecords`)
  assert.match(String(one.body['@odata.context']), /attendanceReports\('4a8dd9b0-7e3a-4b8f-9c1b-5a0f6f0d7c11'\)$/)
  const [record] = one.body.attendanceRecords as Json[]
  assert.deepEqual(
    [record!.totalAttendanceInSeconds, record!.role, (record!.identity as Json).displayName],
    [100, 'Attendee', 'Zoë'],
  )
  const records = await graph.call('GET', `${url}/${session.id}/attendanceRecords`)
  assert.deepEqual(records.body.value, one.body.attendanceRecords)
  assert.equal((await graph.call('GET', `${url}/${session.id}?$expand=nothing`)).status, 400)
  assert.equal((await graph.call('GET', `${url}/none`)).status, 404)
  const ben = await graph.call('GET', url.replace(graph.ada.id, graph.ben.id))
  assert.equal(ben.status, 403)
})

test('transcripts and recordings are well-formed and empty', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create()
  for (const [plural, type, all, streams] of [
    ['transcripts', 'callTranscript', 'getAllTranscripts', ['content', 'metadataContent']],
    ['recordings', 'callRecording', 'getAllRecordings', ['content']],
  ] as const) {
    const url = `/users/${graph.ada.id}/onlineMeetings/${made.id}/${plural}`
    const list = await graph.call('GET', `${url}?$filter=contentcorrelationId eq 'x'`)
    assert.deepEqual([list.status, list.body.value, list.body['@odata.count']], [200, [], 0])
    assert.equal((await graph.call('GET', `${url}/x`)).status, 404)
    for (const stream of streams)
      assert.equal((await graph.call('GET', `${url}/x/${stream}`, { headers: { accept: 'text/vtt, video/mp4' } })).status, 404)
    const under = `/users/${graph.ada.id}/onlineMeetings`
    const dates = 'startDateTime=2026-01-01T00:00:00Z,endDateTime=2026-02-01T00:00:00Z'
    const call = `${under}/${all}(meetingOrganizerUserId='${graph.ada.id}',${dates})`
    const found = await graph.call('GET', call)
    assert.deepEqual([found.status, found.body.value], [200, []])
    assert.equal(found.body['@odata.context'], `https://unit.example/v1.0/$metadata#Collection(${type})`)
    const delta = await graph.call('GET', `${call}/delta()`)
    const next = String(delta.body['@odata.deltaLink']).replace('https://unit.example/v1.0', '')
    assert.equal((await graph.call('GET', next)).status, 200)
    const filtered = await graph.call('GET', `${under}/${all}?$filter=MeetingOrganizer/User/Id eq '${graph.ada.id}'`)
    assert.equal(filtered.status, 200)
    assert.equal(errorOf(await graph.call('GET', `${under}/${all}`)).target, 'meetingOrganizerUserId')
    assert.equal((await graph.call('GET', `${under}/${all}(meetingOrganizerUserId='${graph.ben.id}')`)).status, 400)
    assert.equal((await graph.call('GET', call.replace('2026-01-01T00:00:00Z', 'yesterday'))).status, 400)
  }
})

test('virtual appointments: the link is there, SMS is refused in words', async (t) => {
  const graph = await openGraph(t)
  const made = await graph.create()
  const url = `/users/${graph.ada.id}/onlineMeetings/${made.id}`
  const link = await graph.call('GET', `${url}/getVirtualAppointmentJoinWebUrl`)
  assert.deepEqual([link.status, link.body.value], [200, made.joinWebUrl])
  assert.equal(link.body['@odata.context'], 'https://unit.example/v1.0/$metadata#Edm.String')
  for (const action of ['sendVirtualAppointmentSms', 'sendVirtualAppointmentReminderSms']) {
    const sms = await graph.call('POST', `${url}/microsoft.graph.${action}`, { body: { attendees: [] } })
    assert.deepEqual([sms.status, errorOf(sms).code], [400, 'NotSupported'])
  }
})

test('the directory: the tenant, the application by each of its names, people only with a role in strict mode', async (t) => {
  const graph = await openGraph(t)
  const organization = await graph.call('GET', '/organization?$select=id')
  assert.deepEqual(organization.body.value, [{ id: graph.ada.tenantId }])
  assert.equal((await graph.call('GET', `/organization/${graph.ada.tenantId}`)).body.displayName, 'Unit')
  const { id, clientId } = graph.application
  for (const key of [`/applications/${id}`, `/applications/${clientId}`, `/applications(appId='${clientId}')`])
    assert.equal((await graph.call('GET', key)).body.appId, clientId)
  const other = await graph.context.directory.applications.create({
    tenantId: graph.ada.tenantId,
    displayName: 'other',
    roles: [],
  })
  assert.equal((await graph.call('GET', `/applications/${other.id}`)).status, 403)
  assert.equal((await graph.call('GET', '/applications/none')).status, 404)
  const strict = await openGraph(t, { PARLEY_ACCESS_POLICY: 'strict' })
  assert.equal((await strict.call('GET', '/users')).status, 403)
  assert.equal((await strict.call('GET', '/users', { token: await strict.appToken('User.Read.All') })).status, 200)
})
