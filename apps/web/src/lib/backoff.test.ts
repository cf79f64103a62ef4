import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, pause } from './backoff.ts'

test('waits double, stay under five seconds and never reach nothing', () => {
  const still = () => 0
  assert.deepEqual(
    [0, 1, 2, 3].map((attempt) => backoff(attempt, still)),
    [250, 500, 1000, 2000],
  )
  assert.equal(backoff(1e6, still), 5000)
  assert.ok(backoff(0, () => 0.999) > 160)
})

test('a pause ends early when it is called off', async () => {
  const off = new AbortController()
  const waiting = pause(3_600_000, off.signal)
  off.abort()
  await waiting
  await pause(3_600_000, off.signal)
})
