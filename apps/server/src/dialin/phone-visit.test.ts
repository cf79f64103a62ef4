import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { statesOf, TestExchange } from '../../test/test-exchange.ts'
import type { Meeting } from '../meetings/meeting.ts'

let exchange: TestExchange
beforeEach(async () => {
  exchange = await TestExchange.open()
})
afterEach(() => exchange.close())

const admitted = { state: 'admitted', reason: null, media: { url: 'ws://room', token: 'first' } }
const forever = new AbortController().signal
const allow = (meeting: Meeting, options: Record<string, boolean>) => exchange.house.meetings.update(meeting.id, { options })

test('a caller hears each state once, and nothing after the end', async () => {
  const entry = await exchange.enter(await exchange.house.meeting())
  exchange.tell('admission', { state: 'waiting', reason: 'lobby' })
  exchange.tell('admission', { state: 'waiting', reason: 'lobby', place: 2 })
  exchange.tell('admission', admitted)
  exchange.tell('admission', { state: 'waiting', reason: 'lobby' })
  exchange.tell('admission', { state: 'removed', reason: 'removed' })
  exchange.tell('admission', admitted)
  assert.deepEqual(await statesOf(entry, 9), [
    { state: 'waiting', why: 'lobby' },
    { state: 'admitted', ...admitted.media },
    { state: 'closed', reason: 'removed' },
  ])
})

test('when speaking is forbidden and allowed a caller comes in anew, muted, each time', async () => {
  const meeting = await exchange.house.meeting()
  const entry = await exchange.enter(meeting)
  const states = entry.states(forever)[Symbol.asyncIterator]()
  exchange.tell('admission', admitted)
  assert.deepEqual((await states.next()).value, { state: 'admitted', ...admitted.media })
  for (const may of [false, true]) {
    await allow(meeting, { allowAttendeeToEnableMic: may })
    assert.equal(await entry.mayUnmute(), may)
    exchange.tell('room', {})
    assert.deepEqual((await states.next()).value, { state: 'admitted', url: 'ws://room', token: 'again', muted: true })
  }
  await entry.leave()
})

test('the hand goes up and down, is lowered by others, and stays down where hands are not allowed', async () => {
  const meeting = await exchange.house.meeting()
  const entry = await exchange.enter(meeting)
  assert.equal(await entry.toggleHand(), 'raised')
  assert.equal(await entry.toggleHand(), 'lowered')
  assert.equal(await entry.toggleHand(), 'raised')
  exchange.tell('notice', { kind: 'handLowered', by: 'Olga' })
  assert.equal(await entry.toggleHand(), 'raised', 'it was down')
  await allow(meeting, { allowTeamworkReactions: false })
  assert.equal(await entry.toggleHand(), 'lowered', 'down it may always go')
  assert.equal(await entry.toggleHand(), 'forbidden')
  assert.deepEqual(
    exchange.attributes.map(({ hand }) => hand !== ''),
    [true, false, true, true, false],
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
  exchange.tell('announce', { kind: 'entry', name: 'Grace', phone: false })
  assert.deepEqual((await movements.next()).value, { kind: 'entry' })
  await Promise.all([other.leave(), other.leave()])
  assert.deepEqual(await entry.people(), { others: 0, names: [] })
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
  exchange.tell('lobby', { waiting: [{ id: 'a' }] })
  assert.equal((await arrivals.next()).done, false)
  exchange.tell('lobby', { waiting: [{ id: 'a' }] })
  exchange.tell('lobby', { waiting: [{ id: 'a' }, { id: 'b' }] })
  assert.equal((await arrivals.next()).done, false)
  assert.equal(await guest.admitWaiting(), 0)
  assert.equal(await led.entry.admitWaiting(), 1)
  await led.entry.leave()
  assert.equal((await arrivals.next()).done, true)
})
