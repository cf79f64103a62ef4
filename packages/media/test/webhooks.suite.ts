// tier: release, 30 s, alone
// tier: release, 30 s, alone, MEDIA_UNDER_TEST=livekit
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaSuite, roomName } from './harness/suite.ts'

const suite = mediaSuite()

test('the story of a room is told in order, signed', async () => {
  const name = roomName()
  await suite.server.rooms.createRoom({ name, emptyTimeout: 30, departureTimeout: 4 })
  const [ana] = await suite.lab.join(name, ['ana'])
  const [ben] = await suite.lab.join(name, ['ben'])
  const sid = await ana!.call('microphone')
  await ben!.track('ana', 'microphone')
  await ana!.call('unpublish', sid)
  await ben!.event('trackUnpublished')
  await ana!.call('leave')
  await suite.hooks.next(name, 'participant_left', 'ana')
  await ben!.call('leave')
  await suite.hooks.next(name, 'room_finished')
  const story = suite.hooks.of(name)
  const told = story.map((event) => `${event.event} ${event.participant?.identity ?? ''}`.trim())
  const inOrder = (...wanted: string[]) =>
    assert.deepEqual(
      told.filter((entry) => wanted.includes(entry)),
      wanted,
      told.join(', '),
    )
  assert.equal(told[0], 'room_started')
  assert.equal(told.at(-1), 'room_finished')
  inOrder('participant_joined ana', 'track_published ana', 'track_unpublished ana', 'participant_left ana')
  inOrder('participant_joined ana', 'participant_joined ben', 'participant_left ana', 'participant_left ben', 'room_finished')
  const joined = story.find((event) => event.event === 'participant_joined')!
  assert.match(joined.participant!.sid, /^PA_/)
  assert.match(joined.room!.sid, /^RM_/)
  assert.ok(joined.createdAt > 0n)
  assert.equal(new Set(story.map((event) => event.id)).size, story.length, 'every event has its own id')
  const published = story.find((event) => event.event === 'track_published')!
  assert.equal(published.track!.sid, sid)
  assert.ok(suite.hooks.deliveries.every((delivery) => !delivery.error && delivery.contentType === 'application/webhook+json'))
})

test('a webhook that was refused comes again', async () => {
  const name = roomName()
  suite.hooks.failNext = 1
  await suite.server.rooms.createRoom({ name })
  await suite.hooks.next(name, 'room_started')
  const tries = suite.hooks.deliveries.filter(({ event }) => event?.room?.name === name && event.event === 'room_started')
  assert.deepEqual(
    tries.map(({ status }) => status),
    [503, 200],
  )
  assert.equal(tries[0]!.event!.id, tries[1]!.event!.id)
})

test('an empty room ends by itself, and deleting one says so', async () => {
  const [empty, deleted] = [roomName('empty'), roomName('deleted')]
  await suite.server.rooms.createRoom({ name: empty, emptyTimeout: 1 })
  await suite.server.rooms.createRoom({ name: deleted })
  await suite.server.rooms.deleteRoom(deleted)
  await suite.hooks.next(deleted, 'room_finished')
  await suite.hooks.next(empty, 'room_finished')
})
