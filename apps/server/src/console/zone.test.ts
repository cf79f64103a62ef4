import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instantFromMillis } from '../common/instant.ts'
import { fromWallClock, toWallClock, zoneOf, zones } from './zone.ts'

test('a wall clock in a zone is a moment', () => {
  assert.equal(fromWallClock('2027-01-04T10:00', 'Europe/Madrid'), '2027-01-04T09:00:00.0000000Z')
  assert.equal(fromWallClock('2027-07-04T10:00', 'Europe/Madrid'), '2027-07-04T08:00:00.0000000Z')
  assert.equal(fromWallClock('2027-01-04T10:00', 'Asia/Kolkata'), '2027-01-04T04:30:00.0000000Z')
  assert.equal(fromWallClock('2027-01-04T10:00', 'UTC'), '2027-01-04T10:00:00.0000000Z')
})

test('an hour that is skipped moves on, an hour that comes twice is its first', () => {
  assert.equal(fromWallClock('2026-03-29T02:30', 'Europe/Madrid'), '2026-03-29T01:30:00.0000000Z')
  assert.equal(fromWallClock('2026-10-25T02:30', 'Europe/Madrid'), '2026-10-25T00:30:00.0000000Z')
})

test('what is no date is none', () => {
  for (const text of ['', 'tomorrow', '2027-13-01T00:00', '2027-01-04', '2027-01-04T10:00Z', "2027-01-04T10:00'--"])
    assert.equal(fromWallClock(text, 'UTC'), undefined, text)
  assert.equal(zoneOf('Middle/Earth'), 'UTC')
})

test('property: what a clock shows is a moment at which it shows that', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom(...zones), (seconds, zone) => {
      const instant = instantFromMillis(Math.floor(seconds / 60) * 60_000)
      const back = fromWallClock(toWallClock(instant, zone), zone)!
      assert.equal(toWallClock(back, zone), toWallClock(instant, zone))
    }),
    { numRuns: 500 },
  )
})
