import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lobbyScopes } from '../../meetings/lobby-scope.ts'
import type { Affiliation } from './admission.ts'
import { type AdmissionContext, decide } from './rules.ts'

const stranger: Affiliation = {
  isOrganizer: false,
  isCoorganizer: false,
  isInvited: false,
  isMember: false,
  isFederated: false,
  isPhone: false,
}
const people: Record<string, Affiliation> = {
  organizer: { ...stranger, isOrganizer: true, isMember: true },
  coorganizer: { ...stranger, isCoorganizer: true, isInvited: true, isMember: true },
  colleague: { ...stranger, isMember: true },
  'invited colleague': { ...stranger, isMember: true, isInvited: true },
  'invited outsider': { ...stranger, isInvited: true },
  'of another tenant': { ...stranger, isFederated: true },
  guest: stranger,
  caller: { ...stranger, isPhone: true },
}
const open: AdmissionContext = {
  scope: 'everyone',
  isLocked: false,
  guestsHeld: false,
  dialInBypass: false,
  opening: 'open',
  isFull: false,
}

/** Rows are people, columns the scopes in the order of `lobbyScopes`; `+` comes in, `-` waits. */
const expected: Record<string, string> = {
  //                    organizer organization andFederated everyone invited excludingGuests
  organizer: '++++++',
  coorganizer: '++++++',
  colleague: '-+++-+',
  'invited colleague': '-+++++',
  'invited outsider': '---++-',
  'of another tenant': '--++--',
  guest: '---+--',
  caller: '---+--',
}

for (const [who, row] of Object.entries(expected)) {
  test(`who comes in: ${who}`, () => {
    const found = lobbyScopes.map((scope) => decide({ ...people[who]!, isKeptOut: false }, { ...open, scope }).state)
    assert.deepEqual(
      found,
      [...row].map((mark) => (mark === '+' ? 'admitted' : 'waiting')),
    )
  })
}

test('a locked room lets nobody new in but organizers', () => {
  for (const [who, affiliation] of Object.entries(people)) {
    const decision = decide({ ...affiliation, isKeptOut: false }, { ...open, isLocked: true, dialInBypass: true })
    assert.deepEqual(
      decision,
      who.includes('organizer') ? { state: 'admitted', reason: null } : { state: 'waiting', reason: 'locked' },
    )
  }
})

test('callers pass by the lobby only where the meeting says so, and never when only organizers pass', () => {
  const caller = { ...people.caller!, isKeptOut: false }
  for (const scope of lobbyScopes) {
    const state = decide(caller, { ...open, scope, dialInBypass: true }).state
    assert.equal(state, scope === 'organizer' ? 'waiting' : 'admitted', scope)
  }
})

test('after a nameless person was removed for good, whoever proves nothing waits for a person to decide', () => {
  for (const [who, affiliation] of Object.entries(people)) {
    const decision = decide({ ...affiliation, isKeptOut: false }, { ...open, guestsHeld: true, dialInBypass: true })
    const waits = who === 'guest' || who === 'caller'
    assert.deepEqual(decision, waits ? { state: 'waiting', reason: 'guestRemoved' } : { state: 'admitted', reason: null }, who)
  }
})

test('before the opening only organizers come in, and nobody passes by the lobby by being early', () => {
  const early: AdmissionContext = { ...open, opening: 'notStarted' }
  assert.deepEqual(decide({ ...people.guest!, isKeptOut: false }, early), { state: 'waiting', reason: 'notStarted' })
  assert.equal(decide({ ...people.organizer!, isKeptOut: false }, early).state, 'admitted')
  const closed = decide({ ...people.guest!, isKeptOut: false }, { ...early, scope: 'invited' })
  assert.deepEqual(closed, { state: 'waiting', reason: 'invitedOnly' })
})

test('somebody kept out is kept out whatever else they are', () => {
  for (const affiliation of Object.values(people))
    assert.deepEqual(decide({ ...affiliation, isKeptOut: true }, open), { state: 'denied', reason: 'removed' })
})

test('a full room makes wait', () => {
  assert.deepEqual(decide({ ...people.guest!, isKeptOut: false }, { ...open, isFull: true }), {
    state: 'waiting',
    reason: 'full',
  })
})
