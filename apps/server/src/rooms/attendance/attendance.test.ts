import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ParticipantInfo, ParticipantInfo_State } from 'livekit-server-sdk'
import { nobody, TestTenant } from '../../../test/test-tenant.ts'
import { addMillis, type Instant, instantFromMillis, millisOf } from '../../common/instant.ts'
import { Attendance } from './attendance.ts'
import { AttendanceStore } from './attendance-store.ts'
import { merged } from './intervals.ts'

const houses: TestTenant[] = []
after(() => Promise.all(houses.map((house) => house.close())))

async function opened() {
  const house = await TestTenant.open()
  houses.push(house)
  const told: string[] = []
  house.feed.listen((event) => told.push(event.kind))
  const { db, journal, store: admissions, clock } = house
  const start = () => new Attendance({ store: new AttendanceStore(db, journal), admissions, clock })
  return { house, told, start }
}

const participant = (sid: string, identity: string, at: number) =>
  new ParticipantInfo({ sid, identity, joinedAt: BigInt(Math.floor(at / 1000)), state: ParticipantInfo_State.ACTIVE })

/** Three devices of two people in a room of the media server, whose reports may be lost, late and double. */
type Step =
  | { do: 'enter' | 'leave'; device: number; heard: 'now' | 'twice' | 'never' }
  | { do: 'look' | 'crash' | 'repeat'; device: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('enter' as const, 'leave' as const),
    device: fc.nat(2),
    heard: fc.constantFrom('now' as const, 'twice' as const, 'never' as const),
  }),
  fc.record({ do: fc.constantFrom('look' as const, 'crash' as const, 'repeat' as const), device: fc.nat(2) }),
)

test('whatever is lost, late or told twice: no leave without a join, nobody twice, and the last look sets it right', async () => {
  const { house, told, start } = await opened()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      told.length = 0
      let attendance = start()
      const meeting = await house.meeting()
      const admissions = [
        (await house.ask(meeting, house.colleague)).admission,
        (await house.ask(meeting, house.colleague)).admission,
        (await house.ask(meeting, nobody)).admission,
      ]
      const inRoom = new Map<number, ParticipantInfo>()
      const over: ParticipantInfo[] = []
      const everIn = new Set<string>()
      let count = 0
      for (const each of steps) {
        house.clock.at += 3_000
        const { identity, person } = admissions[each.device]!
        const present = inRoom.get(each.device)
        if (each.do === 'enter' && present === undefined) {
          const info = participant(`PA_${meeting.id}_${count++}`, identity, house.clock.at)
          inRoom.set(each.device, info)
          if (each.heard !== 'never') await attendance.joined(meeting.id, info)
          if (each.heard === 'twice') await attendance.joined(meeting.id, info)
          if (each.heard !== 'never') everIn.add(person)
        } else if (each.do === 'leave' && present !== undefined) {
          inRoom.delete(each.device)
          over.push(present)
          if (each.heard !== 'never') {
            await attendance.left(meeting.id, present, house.clock.at / 1000)
            everIn.add(person)
          }
          if (each.heard === 'twice') await attendance.left(meeting.id, present, house.clock.at / 1000)
        } else if (each.do === 'look') {
          await attendance.observed(meeting.id, [...inRoom.values()], house.clock.now())
          for (const device of inRoom.keys()) everIn.add(admissions[device]!.person)
        } else if (each.do === 'crash') attendance = start()
        else if (each.do === 'repeat')
          for (const info of over) await attendance.joined(meeting.id, info).then(() => everIn.add(personOf(info)))
      }
      function personOf(info: ParticipantInfo): string {
        return admissions.find(({ identity }) => identity === info.identity)!.person
      }
      house.clock.at += 60_000
      await attendance.observed(meeting.id, [...inRoom.values()], house.clock.now())
      for (const device of inRoom.keys()) everIn.add(admissions[device]!.person)
      await attendance.endSessions()

      const sessions = await attendance.sessions(meeting.id)
      const records = (await Promise.all(sessions.map(({ id }) => attendance.records(id)))).flat()
      const open = (await new AttendanceStore(house.db, house.journal).openIntervals(meeting.id)).map(({ sid }) => sid).sort()
      assert.deepEqual(open, [...inRoom.values()].map(({ sid }) => sid).sort(), 'who is in is known to be in, and nobody else')
      for (const { intervals } of records)
        for (const [index, { joinedAt, leftAt }] of intervals.entries()) {
          assert.ok(joinedAt <= leftAt)
          assert.ok(index === 0 || intervals[index - 1]!.leftAt < joinedAt, 'presences of one person do not overlap')
        }
      for (const session of sessions) {
        const people = await attendance.records(session.id)
        assert.equal(new Set(people.map(({ id }) => id)).size, people.length)
        assert.equal(session.participants, people.length)
      }
      assert.equal(sessions.filter(({ endedAt }) => endedAt === null).length, inRoom.size > 0 ? 1 : 0)
      await house.feed.caughtUp(meeting.id)
      const starts = told.filter((kind) => kind === 'callStarted').length
      assert.equal(starts, sessions.length)
      assert.equal(told.filter((kind) => kind === 'callEnded').length, sessions.length - (inRoom.size > 0 ? 1 : 0))
      assert.equal(everIn.size > 0, sessions.length > 0)
    }),
    { numRuns: 80, seed: 20261127 },
  )
})

test('strangers, and people who were never let in, are not in attendance', async () => {
  const { house, start } = await opened()
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const { admission } = await house.ask(meeting, nobody)
  const attendance = start()
  await attendance.joined(meeting.id, participant('PA_1', admission.identity, house.clock.at))
  await attendance.joined(meeting.id, participant('PA_2', 'somebody', house.clock.at))
  await attendance.joined('another room', participant('PA_3', admission.identity, house.clock.at))
  assert.deepEqual(await attendance.sessions(meeting.id), [])
})

test('a crash while somebody is in: closed at the last moment they were seen, by the look that misses them', async () => {
  const { house, start } = await opened()
  const meeting = await house.meeting()
  const { admission } = await house.ask(meeting, nobody)
  const info = participant('PA_crash', admission.identity, house.clock.at)
  const joinedAt = house.clock.now()
  await start().joined(meeting.id, info)
  house.clock.at += 10_000
  await start().observed(meeting.id, [info], house.clock.now())
  const seenAt = house.clock.now()
  house.clock.at += 3_600_000
  const attendance = start()
  await attendance.observed(meeting.id, [], house.clock.now())
  await attendance.endSessions()
  const [session] = await attendance.sessions(meeting.id)
  assert.equal(session?.endedAt, seenAt)
  assert.deepEqual((await attendance.records(session!.id))[0]?.intervals, [{ joinedAt, leftAt: seenAt }])
  const row = await new AttendanceStore(house.db, house.journal).findInterval('PA_crash')
  assert.equal(row?.closed_by, 'reconciliation')
})

test('the union of presences is what they cover, in order, without overlap', () => {
  const base = instantFromMillis(Date.UTC(2026, 0))
  const interval = fc
    .tuple(fc.nat(100), fc.nat(30))
    .map(([from, length]) => ({ joinedAt: addMillis(base, from), leftAt: addMillis(base, from + length) }))
  const covers = (list: { joinedAt: Instant; leftAt: Instant }[], at: Instant) =>
    list.some(({ joinedAt, leftAt }) => joinedAt <= at && at <= leftAt)
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 8 }), (intervals) => {
      const union = merged(intervals)
      for (let at = 0; at <= 131; at++) assert.equal(covers(union, addMillis(base, at)), covers(intervals, addMillis(base, at)))
      for (const [index, { joinedAt }] of union.entries())
        assert.ok(index === 0 || millisOf(union[index - 1]!.leftAt) < millisOf(joinedAt))
    }),
  )
})

test('an end for everybody ends the session at once; what the media server says late begins no other', async () => {
  const { house, told, start } = await opened()
  const attendance = start()
  const meeting = await house.meeting()
  const { admission } = await house.ask(meeting, nobody)
  const info = participant('PA_one', admission.identity, house.clock.at)
  await attendance.joined(meeting.id, info)
  house.clock.at += 60_000
  await house.door.close(meeting.id, 'ended')
  await attendance.end(meeting.id)
  await attendance.observed(meeting.id, [info], house.clock.now())
  await attendance.left(meeting.id, info, house.clock.at / 1000)
  const again = (await house.ask(meeting, nobody)).admission
  house.clock.at += 3_000
  await attendance.joined(meeting.id, participant('PA_two', again.identity, house.clock.at))
  await house.feed.caughtUp(meeting.id)
  assert.deepEqual(
    told.filter((kind) => kind.startsWith('call')),
    ['callStarted', 'callEnded', 'callStarted'],
  )
  const [second, first] = await attendance.sessions(meeting.id)
  assert.deepEqual(
    [first!.endedAt, first!.participants, second!.endedAt, second!.participants],
    [addMillis(house.clock.now(), -3_000), 1, null, 1],
  )
})
