import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { nobody, nodeId, TestTenant } from '../../test/test-tenant.ts'
import { addMillis } from '../common/instant.ts'
import { EventStreams } from './events/event-streams.ts'
import { RoomReconciler } from './media/room-reconciler.ts'
import { Sweeper } from './sweeper.ts'

const houses: TestTenant[] = []
after(() => Promise.all(houses.map((house) => house.close())))
const day = 86_400_000

async function opened(options: Parameters<typeof TestTenant.open>[0] = {}) {
  const house = await TestTenant.open(options)
  houses.push(house)
  const cycle = () => {
    const { db, clock, store, door, meetings, journal } = house
    const attendance = { endSessions: async () => {} }
    const streams = new EventStreams()
    return new Sweeper({ db, clock, store, door, meetings, journal, attendance, streams, purgeAfterDays: 30 } as never)
  }
  return { house, cycle }
}

test('a meeting expires by the clock, once, for all who wait or are in, and whoever was told knows why', async () => {
  const { house, cycle } = await opened()
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const inside = await house.ask(meeting, house.organizer)
  const waiting = await house.ask(meeting, nobody)
  const closed: unknown[] = []
  house.feed.listen((event) => {
    if (event.kind === 'closed') closed.push(event.reason)
  })
  await cycle().tick()
  assert.equal((await house.store.find(waiting.admission.id))?.admission.state, 'waiting')
  house.clock.at += 9 * 3_600_000
  await Promise.all([cycle().tick(), cycle().tick()])
  for (const { admission } of [inside, waiting]) {
    const found = (await house.store.find(admission.id))!.admission
    assert.deepEqual([found.state, found.reason], ['expired', 'expired'])
  }
  await house.feed.caughtUp(meeting.id)
  assert.deepEqual(closed, ['expired'])
})

test('the opening comes by the clock', async () => {
  const { house, cycle } = await opened({ opening: 15 })
  const startAt = addMillis(house.clock.now(), 3_600_000)
  const meeting = await house.meeting({ startAt, endAt: addMillis(startAt, 3_600_000) })
  const { admission } = await house.ask(meeting, nobody)
  assert.deepEqual([admission.state, admission.reason], ['waiting', 'notStarted'])
  house.clock.at += 44 * 60_000
  await cycle().tick()
  assert.equal((await house.store.find(admission.id))?.admission.state, 'waiting')
  house.clock.at += 60_000
  await cycle().tick()
  assert.equal((await house.store.find(admission.id))?.admission.state, 'admitted')
})

test('whose page went while they waited is let go of in seconds, unless the page comes back', async () => {
  const { house, cycle } = await opened()
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const asked = await Promise.all(['a', 'b', 'c'].map((device) => house.ask(meeting, nobody, { device })))
  const [gone, heard, elsewhere] = asked.map(({ admission }) => admission.id)
  const sweeper = cycle()
  for (const { admission } of asked) sweeper.away(admission.id)
  house.clock.at += 3_000
  await sweeper.tick()
  sweeper.heard(heard!)
  await cycle().back(elsewhere!)
  house.clock.at += 3_500
  await sweeper.tick()
  const states = await Promise.all([gone, heard, elsewhere].map(async (id) => (await house.store.find(id!))!.admission.state))
  assert.deepEqual(states, ['left', 'waiting', 'waiting'])
})

test('who was never let in is forgotten after a day', async () => {
  const { house, cycle } = await opened()
  const meeting = await house.meeting()
  const [denied, was] = [await house.ask(meeting), await house.ask(meeting)]
  await house.door.leave(was.admission)
  const locked = await house.meeting({ accessLevel: 'locked' })
  const waited = await house.ask(locked)
  await house.door.leave(waited.admission)
  house.clock.at += 25 * 3_600_000
  await cycle().purge()
  const kept = await Promise.all(
    [denied, was, waited].map(async ({ admission }) => (await house.store.find(admission.id)) !== undefined),
  )
  assert.deepEqual(kept, [true, true, false])
})

test('without an organizer nobody is in where the setting says so; with one, those who wait for that are', async () => {
  const { house } = await opened({ opening: 'organizer' })
  const meeting = await house.meeting()
  const { admission } = await house.ask(meeting, nobody)
  assert.deepEqual([admission.state, admission.reason], ['waiting', 'organizerMissing'])
  await house.ask(meeting, house.organizer)
  assert.equal((await house.store.find(admission.id))?.admission.state, 'admitted')
})

test('a full meeting makes wait until somebody leaves', async () => {
  const { house } = await opened({ capacity: 2 })
  const meeting = await house.meeting()
  const [first, , third] = [await house.ask(meeting), await house.ask(meeting), await house.ask(meeting)]
  assert.deepEqual([third!.admission.state, third!.admission.reason], ['waiting', 'full'])
  await house.door.leave(first!.admission)
  assert.equal((await house.store.find(third!.admission.id))?.admission.state, 'admitted')
})

test('expired meetings are deleted after their time, exactly once, and not a day before', async () => {
  const { house, cycle } = await opened()
  const meeting = await house.meeting()
  const { admission } = await house.ask(meeting, nobody)
  const deleted: string[] = []
  house.feed.listen(({ kind }) => deleted.push(kind))
  house.clock.at += 30 * day
  assert.equal(await cycle().purge(), 0, 'eight hours are missing: it expired eight hours after it was made')
  house.clock.at += 8 * 3_600_000
  const counts = await Promise.all([cycle().purge(), cycle().purge(), cycle().purge()])
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    1,
  )
  await house.feed.caughtUp(meeting.id)
  assert.deepEqual(deleted, ['meetingDeleted'])
  assert.equal(await house.meetingStore.findById(meeting.id), undefined)
  assert.equal(await house.store.find(admission.id), undefined, 'its admissions went with it')
})

test('who waits and is not heard of leaves; who is in has longer; a start of the server gives both their time anew', async () => {
  const { house, cycle } = await opened()
  const meeting = await house.meeting({ accessLevel: 'invited' })
  const waiting = await house.ask(meeting, nobody)
  const inside = await house.ask(meeting, house.organizer)
  const state = async ({ admission }: typeof waiting) => (await house.store.find(admission.id))!.admission.state
  house.clock.at += 50_000
  const rename = (from: string, to: string) => house.db.updateTable('nodes').set({ id: to }).where('id', '=', from).execute()
  await house.store.adopt(house.clock.now())
  assert.equal((await house.store.unseen('waiting', house.clock.now())).length, 1, 'its process is still there')
  await rename(nodeId, 'the next process')
  await house.store.adopt(house.clock.now())
  await rename('the next process', nodeId)
  house.clock.at += 50_000
  await cycle().notePresence()
  assert.deepEqual([await state(waiting), await state(inside)], ['waiting', 'admitted'])
  house.clock.at += 20_000
  const again = cycle()
  await again.notePresence()
  assert.deepEqual([await state(waiting), await state(inside)], ['left', 'admitted'])
  house.clock.at += 300_000
  again.heard(inside.admission.id)
  await again.notePresence()
  assert.equal(await state(inside), 'admitted')
  house.clock.at += 301_000
  await again.notePresence()
  assert.equal(await state(inside), 'left')
})

test("rooms of a media server that are no meeting's are left alone; a meeting's are cleared of strangers, also when it is deleted", async () => {
  const { house } = await opened()
  const { clock, store, meetingStore, door, db, meetings, feed } = house
  const meeting = await house.meeting()
  const gone = await house.meeting()
  await house.ask(gone, house.organizer)
  await meetings.delete(gone)
  await feed.caughtUp(gone.id)
  const removed: string[] = []
  const media = {
    rooms: async () => [meeting.id, gone.id, 'another application'],
    list: async () => [{ identity: 'somebody', attributes: {} }],
    remove: async (room: string) => void removed.push(room),
    end: async () => {},
  } as never
  const log = { warn: (fields: object) => assert.fail(JSON.stringify(fields)) }
  const reconciler = new RoomReconciler({ feed, store, meetingStore, media, clock, log })
  const attendance = { openMeetings: async () => [] }
  await new Sweeper({ db, clock, store, door, meetings, attendance, reconciler, media, purgeAfterDays: 30 } as never).look()
  assert.deepEqual(removed.toSorted(), [meeting.id, gone.id].toSorted())
  assert.equal(await reconciler.check('another application', 'somebody'), false)
  assert.equal(removed.length, 2)
})

test('an end waits for the look under way, which asks for no further room, and begins no other', async () => {
  const { house } = await opened()
  const { db, clock, store, door, meetings, journal } = house
  const asked: string[] = []
  const [begun, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const reconciler = {
    follow: () => {},
    reconcile: (room: string) => {
      asked.push(room)
      begun.resolve()
      return going.promise
    },
  }
  const attendance = { endSessions: async () => {}, openMeetings: async () => ['first', 'second'] }
  const media = { rooms: async () => assert.fail('asked the media server after the end') }
  const log = { warn: (fields: { err?: unknown }) => assert.fail(String(fields.err)) }
  const streams = new EventStreams()
  const options = { db, clock, store, door, meetings, journal, attendance, streams, reconciler, media, log, purgeAfterDays: 30 }
  const sweeper = new Sweeper(options as never)
  await sweeper.start()
  await begun.promise
  let hasStopped = false
  const stopped = sweeper.stop().then(() => {
    hasStopped = true
  })
  await new Promise(setImmediate)
  assert.equal(hasStopped, false)
  going.resolve()
  await stopped
  assert.deepEqual(asked, ['first'])
})
