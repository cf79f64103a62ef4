import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RateLimit } from './rate-limit.ts'

test('a burst, then the rate, for each key by itself', () => {
  let now = 0
  const throttle = new RateLimit({ burst: 3, perSecond: 0.5, millis: () => now })
  assert.deepEqual(
    [0, 0, 0, 2],
    [1, 2, 3, 4].map(() => throttle.take('a')),
  )
  assert.equal(throttle.take('b'), 0)
  now = 1_000
  assert.equal(throttle.wait('a'), 1)
  now = 2_000
  assert.equal(throttle.wait('a'), 0)
  assert.equal(throttle.take('a'), 0)
  assert.equal(throttle.take('a'), 2)
})

test('never more than burst and rate allow, and waiting as told is always enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 100 }), (pauses) => {
      let now = 0
      let taken = 0
      const throttle = new RateLimit({ burst: 5, perSecond: 2, millis: () => now })
      for (const pause of pauses) {
        now += pause
        const wait = throttle.take('k')
        if (wait === 0) taken += 1
        else {
          now += wait * 1_000
          assert.equal(throttle.take('k'), 0)
          taken += 1
        }
      }
      assert.ok(taken <= 5 + (now / 1_000) * 2 + 1e-6)
    }),
  )
})

test('keys nobody uses are forgotten', () => {
  const throttle = new RateLimit({ burst: 1, perSecond: 0.001, maxKeys: 2, millis: () => 0 })
  for (const key of ['a', 'b', 'c']) assert.equal(throttle.take(key), 0)
  assert.equal(throttle.take('a'), 0)
  assert.ok(throttle.take('c') > 0)
})

test('asking makes no bucket, and a full one is not kept', () => {
  let now = 0
  const throttle = new RateLimit({ burst: 2, perSecond: 1, millis: () => now })
  for (let index = 0; index < 1_000; index++) throttle.wait(`name ${index}`)
  throttle.restore('never taken')
  assert.equal(throttle.size, 0)
  throttle.take('a')
  throttle.restore('a')
  assert.equal(throttle.size, 0)
  throttle.take('a')
  now = 5_000
  assert.equal(throttle.take('a'), 0)
  throttle.restore('a')
  assert.equal(throttle.size, 0)
})

test('an owner of many buckets pushes out none of another', () => {
  const throttle = new RateLimit({ burst: 1, perSecond: 0.001, maxKeys: 1_000, millis: () => 0 })
  throttle.take('victim', 'victim')
  for (let index = 0; index < 50_000; index++) throttle.take(`name ${index}`, 'attacker')
  assert.ok(throttle.size <= 1_000)
  assert.ok(throttle.wait('victim') > 0)
})
