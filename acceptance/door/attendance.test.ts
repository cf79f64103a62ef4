import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AttendanceReader } from './lib/attendance.ts'
import { House } from './lib/house.ts'
import { until } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.open()
})
after(() => house?.close())

test('attendance: devices of one person are one, who only waited is not there, and the session ends when all have left', {
  timeout: 120_000,
}, async () => {
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const attendance = await AttendanceReader.of(house, meeting)
  assert.deepEqual(await attendance.reports(), [])
  const organizer = await house.organizer(meeting)
  const laptop = await house.member(1)
  await laptop.ask(meeting.threadId, '')
  const waits = await house.guest(meeting, 'Only waits')
  await organizer.post(`/api/room/lobby/${laptop.admission!.id}/admit`)
  const telephone = await house.member(1)
  await telephone.ask(meeting.threadId, '')
  await organizer.post(`/api/room/lobby/${telephone.admission!.id}/admit`)
  for (const device of [laptop, telephone]) device.media = (await device.me()).body.media
  await organizer.enter()
  await laptop.enter()
  await telephone.enter()
  const running = await until('two people to be counted', async () => {
    const [report] = await attendance.reports()
    return report?.totalParticipantCount === 2 && report
  })
  assert.equal(running.meetingEndDateTime, null)
  await laptop.post('/api/door/leave')
  await telephone.room!.disconnect()
  await organizer.post('/api/door/leave')
  await waits.post('/api/door/leave')
  const ended = await until('the session to end', async () => {
    const [report] = await attendance.reports()
    return report?.meetingEndDateTime !== null && report
  })
  const records = await attendance.records(ended.id)
  assert.deepEqual(
    records.map(({ identity, role, attendanceIntervals }) => [identity.id, role, attendanceIntervals.length]),
    [
      [house.server.dev.users[0]!.id, 'Organizer', 1],
      [house.server.dev.users[1]!.id, 'Presenter', 1],
    ],
  )
  for (const { attendanceIntervals, totalAttendanceInSeconds } of records) {
    for (const { joinDateTime, leaveDateTime } of attendanceIntervals) assert.ok(joinDateTime <= leaveDateTime)
    assert.ok(totalAttendanceInSeconds >= 0)
  }
  await house.dismiss()
})
