import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { statesOf, TestExchange } from '../../test/test-exchange.ts'

let exchange: TestExchange
beforeEach(async () => {
  exchange = await TestExchange.open()
})
afterEach(() => exchange.close())

/** A passcode no meeting has, another each time. */
const wrong = (index: number) => String(90_000_000_000_000 + index)

test('the passcode leads to its meeting as attendee, the leader passcode as organizer', async () => {
  const meeting = await exchange.house.meetings.update((await exchange.house.meeting()).id, { leaderPasscode: '123456789012' })
  const entry = await exchange.enter(meeting)
  const led = await exchange.try('123456789012')
  assert.deepEqual([entry.leader, led.outcome === 'entered' && led.entry.leader], [false, true])
  const admitted = await exchange.house.store.list(meeting.id, ['admitted'])
  assert.deepEqual(admitted.map(({ role, name, phone }) => [role, name, phone]).sort(), [
    ['attendee', '+3460011••••', '+34600111222'],
    ['organizer', '+3460011••••', '+34600111222'],
  ])
  assert.deepEqual(exchange.guesses, ['right', 'right'])
})

test('nine wrong guesses of a caller are heard, also at once; then no more until time passes. Other callers are free', async () => {
  const meeting = await exchange.house.meeting()
  const results = await Promise.all(Array.from({ length: 12 }, (_, index) => exchange.try(wrong(index))))
  assert.deepEqual(results.map(({ outcome }) => outcome).sort(), [...Array(3).fill('throttled'), ...Array(9).fill('wrong')])
  assert.deepEqual(exchange.guesses.toSorted(), [...Array(3).fill('throttled'), ...Array(9).fill('wrong')])
  assert.equal((await exchange.try(meeting.participantPasscode!)).outcome, 'throttled', 'not even the right one')
  assert.equal((await exchange.try(wrong(20), { trunk: 'another' })).outcome, 'wrong', 'the same number over another trunk')
  await exchange.enter(meeting, { caller: '+34911222333' })
  exchange.house.clock.at += 70_000
  await exchange.enter(meeting)
})

test('sixty wrong guesses of a trunk, whoever calls; and twenty of the same digits over all trunks', async () => {
  for (let index = 0; index < 60; index++)
    assert.equal((await exchange.try(wrong(index), { caller: `+3460${index}000` })).outcome, 'wrong')
  assert.equal((await exchange.try(wrong(61), { caller: '+1' })).outcome, 'throttled')
  for (let index = 0; index < 20; index++)
    assert.equal((await exchange.try('7777777', { caller: `+3461${index}000`, trunk: `trunk ${index}` })).outcome, 'wrong')
  assert.equal((await exchange.try('7777777', { caller: '+3462', trunk: 'fresh' })).outcome, 'throttled')
})

test('right passcodes cost nothing', async () => {
  const meeting = await exchange.house.meeting()
  for (let turn = 0; turn < 30; turn++) await (await exchange.enter(meeting)).leave()
  assert.equal(exchange.guesses.filter((outcome) => outcome === 'right').length, 30)
})

test('cancelled and expired meetings are entries that say so and take nobody', async () => {
  const cancelled = await exchange.house.meetings.update((await exchange.house.meeting()).id, { cancelled: true })
  const entry = await exchange.enter(cancelled)
  assert.deepEqual(await statesOf(entry, 1), [{ state: 'closed', reason: 'cancelled' }])
  assert.deepEqual(
    [await entry.readmit(), await entry.mayUnmute(), await entry.admitWaiting(), await entry.toggleHand(), await entry.people()],
    [undefined, false, 0, 'forbidden', { others: 0, names: [] }],
  )
  await entry.leave()
  const meeting = await exchange.house.meeting()
  exchange.house.clock.at = Date.UTC(2030, 0)
  assert.deepEqual(await statesOf(await exchange.enter(meeting, { caller: '+2' }), 1), [{ state: 'closed', reason: 'expired' }])
  assert.equal(exchange.listening, 0)
})

test('closing the door lets everybody on the telephone leave', async () => {
  const meeting = await exchange.house.meeting()
  await exchange.enter(meeting)
  await exchange.enter(meeting, { caller: 'anonymous' })
  await exchange.door.close()
  assert.deepEqual(await exchange.house.store.list(meeting.id, ['admitted', 'waiting']), [])
  assert.equal(exchange.listening, 0)
})
