// tier: quick, 8 s
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Server, startServer } from '../lib/server.ts'
import { AttendanceReader } from './lib/attendance.ts'
import { House } from './lib/house.ts'
import { type Person, until } from './lib/person.ts'

test('kill -9 while one waits and two are in: who was in is in, who waited waits, and attendance has no holes', {
  timeout: 300_000,
}, async () => {
  const house = await House.open()
  let again: Server | undefined
  try {
    again = await story(house)
  } finally {
    await house.dismiss()
    await again?.stop()
    await house.close()
  }
})

/** Returns the server that was started after the crash. */
async function story(house: House): Promise<Server> {
  const { server } = house
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const attendance = await AttendanceReader.of(house, meeting)
  const organizer = await house.organizer(meeting)
  const guest = await house.guest(meeting, 'Grace')
  await organizer.post(`/api/room/lobby/${guest.admission!.id}/admit`)
  await guest.hears('admission', ({ state }) => state === 'admitted')
  const waits = await house.guest(meeting, 'Waits')
  const denied = await house.guest(meeting, 'Denied')
  await organizer.post(`/api/room/lobby/${denied.admission!.id}/deny`)
  await organizer.enter()
  await guest.enter()
  await until('both to be in', async () => guest.room!.remoteParticipants.size === 1)
  await until('attendance to know both', async () => (await attendance.reports())[0]?.totalParticipantCount === 2)

  await server.kill()
  const ports = { PARLEY_PORT: new URL(server.dev.baseUrl).port, PARLEY_HTTPS_PORT: new URL(server.dev.httpsBaseUrl).port }
  const again = await startServer({ dataFolder: server.dataFolder, env: ports })
  for (const [person, state] of [
    [organizer, 'admitted'],
    [guest, 'admitted'],
    [waits, 'waiting'],
    [denied, 'denied'],
  ] satisfies [Person, string][]) {
    const { body } = await person.me()
    assert.equal(body.admission?.state, state, person.admission!.name)
    assert.equal(body.media !== undefined, state === 'admitted')
    if (body.media !== undefined) person.media = body.media
  }
  await guest.room?.disconnect()
  await organizer.room?.disconnect()
  await organizer.listen()
  await organizer.hears('lobby', (data) => (data.waiting as unknown[]).length === 1, organizer.told.length - 3)
  await organizer.enter()
  await guest.enter()
  await until('both to be in again', async () => guest.room!.remoteParticipants.size === 1)
  await waits.listen()
  assert.equal((await organizer.post(`/api/room/lobby/${waits.admission!.id}/admit`)).status, 200)
  await waits.hears('admission', ({ state }) => state === 'admitted')

  const reports = await attendance.reports()
  const records = (await Promise.all(reports.map(({ id }) => attendance.records(id)))).flat()
  assert.equal(reports.length, 1, 'one session, because nobody left')
  for (const { attendanceIntervals } of records)
    for (const { joinDateTime, leaveDateTime } of attendanceIntervals)
      assert.ok(joinDateTime <= leaveDateTime, 'never a leave before its join')
  assert.equal(new Set(records.map(({ identity }) => JSON.stringify(identity))).size, records.length, 'nobody twice')
  return again
}
