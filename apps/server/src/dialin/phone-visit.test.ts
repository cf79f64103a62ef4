import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { statesOf, TestExchange } from '../../test/test-exchange.ts'
import { nobody } from '../../test/test-tenant.ts'
import type { Meeting } from '../meetings/meeting.ts'

let exchange: TestExchange
beforeEach(async () => {
  exchange = await TestExchange.open()
})
afterEach(() => exchange.close())

const room = { url: 'ws://room', token: 'again' }
const forever = new AbortController().signal
const allow = (meeting: Meeting, options: Record<string, boolean>) => exchange.house.meetings.update(meeting.id, { options })
const olga = (meeting: Meeting) => ({ id: 'actor', name: 'Olga', meetingId: meeting.id })

test('a caller hears each state once, and nothing after the end', async () => {
  const { door, store, meetings } = exchange.house
  const meeting = await exchange.house.meeting({ accessLevel: 'locked' })
  const entry = await exchange.enter(meeting)
  const states = statesOf(entry, 9)
  const [waiting] = await door.waiting(meeting.id)
  await exchange.heard(meeting)
  await door.reconsider(meeting.id)
  await exchange.happens(meeting, { kind: 'changed', admissionIds: [waiting!.id] })
  await door.admit(olga(meeting), waiting!.id)
  await exchange.heard(meeting)
  await exchange.happens(meeting, { kind: 'admitted', admissionIds: [waiting!.id] })
  await door.remove(olga(meeting), (await store.find(waiting!.id))!.admission, true)
  await exchange.heard(meeting)
  await meetings.update(meeting.id, { cancelled: true })
  assert.deepEqual(await states, [
    { state: 'waiting', why: 'locked' },
    { state: 'admitted', ...room },
    { state: 'closed', reason: 'removed' },
  ])
})

test('a caller hears why a meeting ends under them', async () => {
  const { meetings } = exchange.house
  const ends = {
    cancelled: (meeting: Meeting) => meetings.update(meeting.id, { cancelled: true }),
    ended: (meeting: Meeting) => exchange.house.door.close(meeting.id, 'ended'),
    deleted: (meeting: Meeting) => meetings.delete(meeting),
  }
  for (const [how, end] of Object.entries(ends)) {
    const meeting = await exchange.house.meeting()
    const states = statesOf(await exchange.enter(meeting), 2)
    await exchange.heard(meeting)
    await end(meeting)
    const reason = how === 'ended' ? 'ended' : 'cancelled'
    assert.deepEqual(await states, [
      { state: 'admitted', ...room },
      { state: 'closed', reason },
    ])
  }
})

test('when speaking is forbidden and allowed a caller comes in anew, muted, each time', async () => {
  const meeting = await exchange.house.meeting()
  const entry = await exchange.enter(meeting)
  const states = entry.states(forever)[Symbol.asyncIterator]()
  assert.deepEqual((await states.next()).value, { state: 'admitted', ...room })
  for (const may of [false, true]) {
    await allow(meeting, { allowAttendeeToEnableMic: may })
    assert.equal(await entry.mayUnmute(), may)
    assert.deepEqual((await states.next()).value, { state: 'admitted', ...room, muted: true })
  }
  await entry.leave()
})

test('the hand goes up and down, is lowered by others, and stays down where hands are not allowed', async () => {
  const meeting = await exchange.house.meeting()
  const entry = await exchange.enter(meeting)
  assert.equal(await entry.toggleHand(), 'raised')
  assert.equal(await entry.toggleHand(), 'lowered')
  assert.equal(await entry.toggleHand(), 'raised')
  const [caller] = await exchange.house.store.list(meeting.id, ['admitted'])
  const notice = { kind: 'handLowered', byId: 'actor' } as const
  await exchange.happens(meeting, { kind: 'notice', admissionId: 'of somebody else', notice })
  assert.equal(await entry.toggleHand(), 'lowered', 'it was up')
  assert.equal(await entry.toggleHand(), 'raised')
  await exchange.happens(meeting, { kind: 'notice', admissionId: caller!.id, notice })
  assert.equal(await entry.toggleHand(), 'raised', 'it was down')
  await allow(meeting, { allowTeamworkReactions: false })
  assert.equal(await entry.toggleHand(), 'lowered', 'down it may always go')
  assert.equal(await entry.toggleHand(), 'forbidden')
  assert.deepEqual(
    exchange.attributes.map(({ hand }) => hand !== ''),
    [true, false, true, false, true, true, false],
  )
})

test('where it is announced, a caller hears of others; their names only while they are on the line', async () => {
  const { id } = await exchange.house.meeting()
  const meeting = await exchange.house.meetings.update(id, { entryExitAnnouncement: true })
  const entry = await exchange.enter(meeting)
  const other = await exchange.enter(meeting, { caller: '+34911222333' })
  other.nameRecorded(new Int16Array(8))
  assert.deepEqual(await entry.people(), { others: 1, names: [new Int16Array(8)] })
  assert.deepEqual(await other.people(), { others: 1, names: [] })
  const movements = entry.movements(forever)[Symbol.asyncIterator]()
  const { admission: grace } = await exchange.house.ask(meeting, nobody, { name: 'Grace' })
  const admitted = await exchange.house.store.list(meeting.id, ['admitted'])
  const self = admitted.find(({ phone }) => phone === '+34600111222')
  const happenedAt = exchange.house.clock.now()
  const roster = { kind: 'rosterUpdated', callId: 'c', happenedAt, left: [] as string[] } as const
  await exchange.happens(meeting, { ...roster, joined: [self!.id, grace.id] })
  assert.deepEqual((await movements.next()).value, { kind: 'entry' })
  await Promise.all([other.leave(), other.leave()])
  assert.deepEqual(await entry.people(), { others: 1, names: [] })
  await entry.leave()
  assert.equal((await movements.next()).done, true)
})

test('a leader hears of each newcomer in the lobby and lets all in; others may not', async () => {
  const { id } = await exchange.house.meeting({ accessLevel: 'locked' })
  const meeting = await exchange.house.meetings.update(id, { leaderPasscode: '123456789012' })
  const guest = await exchange.enter(meeting, { caller: '+34911222333' })
  const led = await exchange.try('123456789012')
  assert.ok(led.outcome === 'entered')
  const arrivals = led.entry.someoneWaits(forever)[Symbol.asyncIterator]()
  const states = led.entry.states(forever)[Symbol.asyncIterator]()
  assert.deepEqual((await states.next()).value, { state: 'admitted', ...room })
  assert.equal((await arrivals.next()).done, false, 'somebody waits already')
  await exchange.house.ask(meeting, nobody)
  assert.equal((await arrivals.next()).done, false)
  assert.equal(await guest.admitWaiting(), 0)
  assert.equal(await led.entry.admitWaiting(), 2)
  await led.entry.leave()
  assert.equal((await arrivals.next()).done, true)
})
