import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { instantFromMillis } from '../common/instant.ts'
import { Directory } from '../identity/directory.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { Journal } from './journal.ts'
import { MeetingManager } from './meeting-manager.ts'
import { MeetingStore } from './meeting-store.ts'

const day = 86_400_000
let folder: string
let db: Database
let organizer: { tenantId: string; organizerId: string }
let now = Date.UTC(2026, 10, 23)
const clock = { millis: () => now, now: () => instantFromMillis(now) }
const at = (millis: number) => instantFromMillis(millis)

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-meetings-'))
  db = await openDatabase({ path: join(folder, 'x.db') })
  const directory = new Directory(db, clock)
  const tenant = await directory.tenants.create({ domain: 'a.example', displayName: 'A' })
  const user = await directory.users.create({ tenantId: tenant.id, upn: 'u@a.example', displayName: 'U' })
  organizer = { tenantId: tenant.id, organizerId: user.id }
})
after(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true, force: true })
})

const manager = () => new MeetingManager(new MeetingStore(db, new Journal(db)), clock)

test('a standing link is renewed by use, a meeting at a time is not', async () => {
  const meetings = manager()
  const store = new MeetingStore(db, new Journal(db))
  const standing = await meetings.create({ ...organizer, meetingType: 'recurring' })
  const once = await meetings.create({ ...organizer, meetingType: 'scheduled', startAt: at(now + day), endAt: at(now + 2 * day) })
  now += 30 * day
  await meetings.touch(standing)
  await meetings.touch(once)
  assert.equal((await store.findById(standing.id))!.expiresAt, at(now + 60 * day))
  assert.equal((await store.findById(once.id))!.expiresAt, once.expiresAt)
  const explicit = await meetings.create({ ...organizer, meetingType: 'recurring', expiresAt: at(now + day) })
  await meetings.touch(explicit)
  assert.equal((await store.findById(explicit.id))!.expiresAt, at(now + day))
})

test('a change on a stale revision is refused, unconditional changes all arrive', async () => {
  const meetings = manager()
  const meeting = await meetings.create(organizer)
  await meetings.update(meeting.id, { subject: 'one' }, meeting.revision)
  await assert.rejects(meetings.update(meeting.id, { subject: 'two' }, meeting.revision), {
    reason: 'conflict',
    member: 'revision',
  })
  const changed = await Promise.all(['a', 'b', 'c'].map((subject) => meetings.update(meeting.id, { subject })))
  assert.deepEqual(changed.map(({ revision }) => revision).toSorted(), [3, 4, 5])
})

test('one external id, one meeting of an organizer', async () => {
  const meetings = manager()
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => meetings.create({ ...organizer, externalId: 'same' })),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.member, 'externalId')
})

test('every change leaves its event, and what outlives the meeting says what it was', async () => {
  const meetings = manager()
  const meeting = await meetings.create(organizer)
  await meetings.update(meeting.id, { cancelled: true })
  await meetings.touch(meeting)
  const last = await meetings.update(meeting.id, { subject: 'last' })
  await meetings.delete(last)
  assert.equal(await meetings.delete(last), false)
  const events = await new Journal(db).read(meeting.id, 0, 10)
  assert.deepEqual(
    events.map(({ seq, kind }) => [seq, kind]),
    [
      [1, 'meetingCreated'],
      [2, 'meetingUpdated'],
      [3, 'meetingUpdated'],
      [4, 'meetingDeleted'],
    ],
  )
  const [, cancelled, , deleted] = events
  assert.ok(cancelled?.kind === 'meetingUpdated' && cancelled.meeting.cancelledAt === at(now))
  assert.ok(deleted?.kind === 'meetingDeleted' && deleted.meeting.subject === 'last')
})

test('leaving the end of a scheduled meeting moves its default expiry, a named one stays', async () => {
  const meetings = manager()
  const draft = { ...organizer, startAt: at(now), endAt: at(now + day) }
  const plain = await meetings.create(draft)
  assert.equal((await meetings.update(plain.id, { endAt: at(now + 5 * day) })).expiresAt, at(now + 65 * day))
  const named = await meetings.create({ ...draft, expiresAt: at(now + 10 * day) })
  assert.equal((await meetings.update(named.id, { endAt: at(now + 5 * day) })).expiresAt, at(now + 10 * day))
  assert.equal((await meetings.update(named.id, { expiresAt: null })).expiresAt, at(now + 65 * day))
})
