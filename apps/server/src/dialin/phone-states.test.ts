import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhoneState } from '@parley/sip/dial-in'
import fc from 'fast-check'
import { admissionStates, reasons } from '../rooms/admission/admission.ts'
import { DoorError } from '../rooms/admission/door-error.ts'
import { AsyncQueue } from './async-queue.ts'
import { closedBy, toPhoneState } from './phone-states.ts'
import { isNews } from './phone-visit.ts'

const media = { url: 'ws://room', token: 'token' }

test('where an admission stands, as a caller hears it', () => {
  const said = (state: string, reason: (typeof reasons)[number] | null = null) => toPhoneState({ state, reason })
  assert.deepEqual(said('waiting', 'lobby'), { state: 'waiting', why: 'lobby' })
  assert.deepEqual(said('waiting', 'organizerMissing'), { state: 'waiting', why: 'organizer' })
  assert.deepEqual(said('waiting', 'notStarted'), { state: 'waiting', why: 'not-started' })
  assert.deepEqual(said('waiting', 'locked'), { state: 'waiting', why: 'locked' })
  assert.deepEqual(said('waiting', 'full'), { state: 'waiting', why: 'full' })
  assert.deepEqual(said('waiting', 'invitedOnly'), { state: 'waiting', why: 'invited' })
  assert.deepEqual(said('waiting', 'organizationOnly'), { state: 'waiting', why: 'organization' })
  assert.deepEqual(said('waiting', 'guestRemoved'), { state: 'waiting', why: 'lobby' })
  assert.deepEqual(toPhoneState({ state: 'admitted', reason: null, media }), { state: 'admitted', ...media })
  assert.deepEqual(said('denied', 'denied'), { state: 'closed', reason: 'denied' })
  assert.deepEqual(said('removed', 'removed'), { state: 'closed', reason: 'removed' })
  assert.deepEqual(said('expired', 'cancelled'), { state: 'closed', reason: 'cancelled' })
  assert.deepEqual(said('expired', 'deleted'), { state: 'closed', reason: 'cancelled' })
  assert.deepEqual(said('left'), { state: 'closed', reason: 'wait-expired' })
})

test('every state and reason of the door has words for a caller', () => {
  fc.assert(
    fc.property(fc.constantFrom(...admissionStates), fc.option(fc.constantFrom(...reasons)), (state, reason) => {
      const said = toPhoneState({ state, reason, media })
      assert.ok(said !== undefined)
      assert.equal(said.state, state === 'waiting' || state === 'admitted' ? state : 'closed')
    }),
  )
})

test('refusals of the door that close a call; others are faults', () => {
  assert.equal(closedBy(new DoorError('MeetingCancelled')), 'cancelled')
  assert.equal(closedBy(new DoorError('MeetingExpired')), 'expired')
  assert.equal(closedBy(new DoorError('MeetingEnded')), 'ended')
  assert.throws(() => closedBy(new DoorError('NotAllowed')), DoorError)
  assert.throws(() => closedBy(new Error('database')), /database/)
})

const states = fc.oneof(
  fc.constantFrom<PhoneState>({ state: 'waiting', why: 'lobby' }, { state: 'waiting', why: 'organizer' }),
  fc.constant<PhoneState>({ state: 'admitted', ...media }),
  fc.constantFrom<PhoneState>({ state: 'closed', reason: 'removed' }, { state: 'closed', reason: 'ended' }),
)

test('in whatever order news come, a caller never waits after being let in, and hears nothing after the end', () => {
  fc.assert(
    fc.property(fc.array(states, { maxLength: 12 }), (news) => {
      const heard: PhoneState[] = []
      for (const state of news) if (isNews(heard.at(-1), state)) heard.push(state)
      const kinds = heard.map(({ state }) => state)
      const closed = kinds.indexOf('closed')
      assert.ok(closed === -1 || closed === kinds.length - 1)
      assert.ok(kinds.lastIndexOf('waiting') < (kinds.indexOf('admitted') + 1 || Number.POSITIVE_INFINITY))
      assert.equal(kinds.filter((kind) => kind === 'admitted').length <= 1, true)
    }),
  )
})

test('a mailbox hands over everything in order, until its end or until nobody wants it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer()), fc.array(fc.integer()), async (before, later) => {
      const box = new AsyncQueue<number>()
      for (const value of before) box.put(value)
      const taken: number[] = []
      const taking = (async () => {
        for await (const value of box.take(new AbortController().signal)) taken.push(value)
      })()
      await Promise.resolve()
      for (const value of later) box.put(value)
      box.end()
      box.put(0)
      await taking
      assert.deepEqual(taken, [...before, ...later])
    }),
  )
  const gone = new AbortController()
  const box = new AsyncQueue<number>()
  const taking = box.take(gone.signal).next()
  gone.abort()
  assert.equal((await taking).done, true)
})
