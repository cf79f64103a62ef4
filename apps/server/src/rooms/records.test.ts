import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ParticipantInfo, ParticipantInfo_State } from 'livekit-server-sdk'
import { nobody, TestTenant } from '../../test/test-tenant.ts'
import { ChatFiles } from '../chat/chat-files.ts'
import { ChatRecords } from '../chat/chat-records.ts'
import { ChatStore } from '../chat/chat-store.ts'
import { Attendance } from './attendance/attendance.ts'
import { AttendanceStore } from './attendance/attendance-store.ts'
import { RoomRecords } from './records.ts'

const houses: TestTenant[] = []
after(() => Promise.all(houses.map((house) => house.close())))

async function opened() {
  const house = await TestTenant.open()
  houses.push(house)
  const { db, clock, store, journal } = house
  const attendance = new Attendance({ store: new AttendanceStore(db, journal), admissions: store, clock })
  const files = new ChatFiles(join(house.folder, 'files'), 1_000)
  const chat = new ChatRecords({ db, store: new ChatStore(db), files, clock })
  const records = new RoomRecords({ db, store, attendance, chat })
  const meeting = await house.meeting()
  const come = async (proof: typeof nobody, name: string, sid: string) => {
    house.clock.at += 60_000
    const { admission } = await house.ask(meeting, proof, { name })
    const info = new ParticipantInfo({ sid, identity: admission.identity, state: ParticipantInfo_State.ACTIVE })
    await attendance.joined(meeting.id, info)
    house.clock.at += 60_000
    await attendance.left(meeting.id, info, 0)
    return admission
  }
  return { house, records, meeting, come }
}

test('a meeting is exported whole, without anything that opens it', async () => {
  const { house, records, meeting, come } = await opened()
  await come(house.colleague, 'Carl', 'PA_1')
  const exported = await records.export(meeting)
  assert.deepEqual(Object.keys(exported), ['version', 'meeting', 'admissions', 'attendance', 'chat'])
  const text = JSON.stringify(exported)
  assert.match(text, /"Carl"/)
  assert.doesNotMatch(text, /secret|device/i)
})

test('an erased person is nobody: not in admissions, attendance or the export; counts stay', async () => {
  const { house, records, meeting, come } = await opened()
  await come(house.colleague, 'Carl', 'PA_1')
  await come(house.colleague, 'Carl', 'PA_2')
  await come(nobody, 'Grace', 'PA_3')
  assert.deepEqual(await records.erase({ userId: house.colleagueId }), { admissions: 2, messages: 0 })
  const text = JSON.stringify(await records.export(meeting))
  assert.doesNotMatch(text, /Carl|carl@house/)
  assert.equal(text.includes(house.colleagueId), false)
  assert.match(text, /Grace/)
  const [session] = (JSON.parse(text) as { attendance: { records: { intervals: unknown[] }[] }[] }).attendance
  assert.deepEqual(
    session!.records.map(({ intervals }) => intervals.length),
    [2, 1],
    'two presences of one person and one of another',
  )
})
