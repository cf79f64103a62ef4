import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addMillis, addYears, formatInstant, instantFromMillis, millisOf, parseInstant } from './instant.ts'

test('any offset is read and answered in UTC', () => {
  assert.equal(parseInstant('2026-11-23T10:00:00-07:00'), '2026-11-23T17:00:00.0000000Z')
  assert.equal(parseInstant('2026-11-23T10:00:00.1234567+05:30'), '2026-11-23T04:30:00.1234567Z')
  assert.equal(parseInstant('2026-12-31T23:59:60Z'), '2027-01-01T00:00:00.0000000Z')
})

test('what is no date is refused', () => {
  for (const text of [
    '',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '9999-12-31T23:59:59-01:00',
    'now',
  ])
    assert.equal(parseInstant(text), undefined, text)
})

test('trailing zeros of the fraction are cut', () => {
  assert.equal(formatInstant(parseInstant('2026-01-01T00:00:00.4610420Z')!), '2026-01-01T00:00:00.461042Z')
  assert.equal(formatInstant(parseInstant('2026-01-01T00:00:00Z')!), '2026-01-01T00:00:00Z')
})

test('years are calendar years', () => {
  assert.equal(addYears(parseInstant('2024-02-29T00:00:00Z')!, 1), '2025-03-01T00:00:00.0000000Z')
})

const millis = fc.integer({ min: Date.UTC(2, 0), max: Date.UTC(9990, 0) })

test('an instant survives being written and read, and sorts as text as it does in time', () => {
  fc.assert(
    fc.property(millis, millis, (a, b) => {
      const [first, second] = [instantFromMillis(a), instantFromMillis(b)]
      assert.equal(millisOf(first), a)
      assert.equal(parseInstant(formatInstant(first)), first)
      assert.equal(first < second, a < b)
      assert.equal(millisOf(addMillis(first, 1234)), a + 1234)
    }),
  )
})

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([zZ]|[+-]\d\d:\d\d)$/)),
      (text) => {
        const instant = parseInstant(text)
        if (instant !== undefined) assert.equal(parseInstant(instant), instant)
      },
    ),
  )
})
