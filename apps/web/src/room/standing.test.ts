import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roles } from '@parley/door-api'
import { translator } from '../i18n/translate.ts'
import { nameWith, sayStanding, shortStandingOf, standingOf, writerStandingOf } from './standing.ts'

const t = translator('en')
const guest = { role: 'attendee', signedIn: false, phone: false } as const
const organizer = { role: 'organizer', signedIn: true, phone: false } as const

test('a guest with the organizer’s name reads otherwise everywhere, in words', () => {
  for (const standing of [standingOf, shortStandingOf]) {
    assert.equal(nameWith(t, 'Ada', standing(guest)), 'Ada (Guest)')
    assert.equal(nameWith(t, 'Ada', standing(organizer)), 'Ada (Organizer)')
  }
})

test('whatever role a guest is given, the guest is said', () => {
  for (const role of roles) assert.ok(shortStandingOf({ ...guest, role }).includes('common.guest'), role)
  assert.equal(sayStanding(t, standingOf({ ...guest, role: 'presenter' })), 'Presenter · Guest')
})

test('people who signed in, and telephones', () => {
  assert.deepEqual(standingOf({ ...guest, signedIn: true }), [])
  assert.deepEqual(standingOf({ ...guest, phone: true }), ['common.phone'])
  assert.deepEqual(shortStandingOf({ ...guest, role: 'presenter', signedIn: true }), [])
})

test('a message says who wrote it, also after they left', () => {
  const from = { identity: 'i', name: 'Ada', you: false }
  assert.deepEqual(writerStandingOf({ ...from, kind: 'guest' }, undefined), ['common.guest'])
  assert.deepEqual(writerStandingOf({ ...from, kind: 'guest' }, organizer), ['role.organizer', 'common.guest'])
  assert.deepEqual(writerStandingOf({ ...from, kind: 'user' }, organizer), ['role.organizer'])
  assert.deepEqual(writerStandingOf({ ...from, kind: 'user' }, undefined), [])
  assert.deepEqual(writerStandingOf({ ...from, kind: 'application' }, undefined), [])
})
