// tier: quick, 9 s, shared
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decode, Visitor } from '../people/lib/visitor.ts'
import { AttendanceReader } from './lib/attendance.ts'
import { House } from './lib/house.ts'
import { until } from './lib/person.ts'

let house: House
before(async () => {
  house = await House.shared()
})
after(() => house?.close())

test('attendance: devices of one person are one, who only waited is not there, and the session ends when all have left; the page and the file say the same', {
  timeout: 300_000,
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
  await until('the colleague to be gone', async () => organizer.room!.remoteParticipants.size === 0)
  await telephone.enter()
  await until('the colleague to be back', async () => organizer.room!.remoteParticipants.size === 1)
  await telephone.room!.disconnect()
  await until('the colleague to be gone again', async () => organizer.room!.remoteParticipants.size === 0)
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
      [house.server.dev.users[1]!.id, 'Presenter', 2],
    ],
  )
  for (const { attendanceIntervals, totalAttendanceInSeconds } of records) {
    for (const { joinDateTime, leaveDateTime } of attendanceIntervals) assert.ok(joinDateTime <= leaveDateTime)
    assert.ok(totalAttendanceInSeconds >= 0)
  }

  const visitor = new Visitor(house.server.url)
  const [heidi, ines] = house.server.dev.users
  await visitor.signIn(heidi!)
  const page = await visitor.get(`/meetings/${meeting.id}/attendance`)
  const shown = decode(page.text)
  for (const { displayName, upn } of [heidi!, ines!]) assert.ok(shown.includes(displayName) && shown.includes(upn), displayName)
  assert.equal(shown.includes('Only waits'), false)
  const file = await visitor.get(/href="([^"]+\.csv)"/.exec(page.text)![1]!)
  assert.match(file.headers.get('content-type') ?? '', /^text\/csv/)
  assert.match(file.headers.get('content-disposition') ?? '', /attachment/)
  const rows = file.text
    .trim()
    .split('\r\n')
    .map((line) => [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell))
  assert.deepEqual(
    rows.slice(1).map(([name, email, role]) => [name, email, role]),
    [
      [heidi!.displayName, heidi!.upn, 'Organizer'],
      [ines!.displayName, ines!.upn, 'Presenter'],
      [ines!.displayName, ines!.upn, 'Presenter'],
    ],
    'a line for each time somebody was there',
  )
  const seconds = (instant: string) => instant.slice(0, 19)
  assert.deepEqual(
    rows.slice(1).map(([, , , joined, left]) => [seconds(joined!), seconds(left!)]),
    records.flatMap(({ attendanceIntervals }) =>
      attendanceIntervals.map(({ joinDateTime, leaveDateTime }) => [seconds(joinDateTime), seconds(leaveDateTime)]),
    ),
  )
  await house.dismiss()
})
