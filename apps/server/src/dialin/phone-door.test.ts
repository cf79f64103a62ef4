import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
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

test('strangers share sixty wrong guesses, then one in three seconds, in fair turns; known numbers have their own', async () => {
  const meeting = await exchange.house.meeting()
  await (await exchange.enter(meeting, { caller: '+34911222333' })).leave()
  for (let index = 0; index < 60; index++)
    assert.equal((await exchange.try(wrong(index), { caller: `+3460${index}000` })).outcome, 'wrong')
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const pass = async () => {
      exchange.house.clock.at += 3_000
      mock.timers.tick(3_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const guesses = [61, 62, 63].map((index) => exchange.try(wrong(index), { caller: '+1202' }))
    const stranger = exchange.enter(meeting, { caller: '+34999888777' })
    const known = await exchange.enter(meeting, { caller: '+34911222333' })
    assert.equal(known.leader, false)
    await pass()
    await pass()
    assert.equal((await stranger).leader, false, 'after one of the guesser')
    await pass()
    await pass()
    assert.deepEqual(new Set((await Promise.all(guesses)).map(({ outcome }) => outcome)), new Set(['wrong']))
  } finally {
    mock.timers.reset()
  }
})

test('a known number that guesses waits with the strangers after nine wrong ones; nobody shuts withheld numbers out', async () => {
  const meeting = await exchange.house.meeting()
  await exchange.enter(meeting)
  for (let index = 0; index < 30; index++) assert.equal((await exchange.try(wrong(index))).outcome, 'wrong')
  for (let index = 30; index < 69; index++)
    assert.equal((await exchange.try(wrong(index), { caller: 'anonymous', callId: 'a' })).outcome, 'wrong')
  const tries = Array.from({ length: 12 }, (_, index) => exchange.try(wrong(100 + index), { caller: 'anonymous', callId: 'a' }))
  const honest = exchange.enter(meeting, { caller: 'anonymous', callId: 'b' })
  for (let seconds = 0; seconds < 60; seconds += 3) {
    exchange.house.clock.at += 3_000
    // Any try makes it look at the clock.
    void exchange.try(wrong(1), { caller: '+1', callId: 'c' })
    await new Promise((resolve) => setImmediate(resolve))
  }
  await honest
  const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome)
  assert.ok(outcomes.includes('throttled'), 'of too many the caller with most is told to call later')
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
