import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PathMonitor } from './path-monitor.ts'

test('media that nobody answers for five seconds goes nowhere', () => {
  const silence = new PathMonitor()
  const checks = Array.from({ length: 6 }, (_, i) => silence.check(70, i * 50))
  assert.deepEqual(checks, [false, false, false, false, false, true])
})

test('a quiet client that gets next to nothing is not given up', () => {
  const silence = new PathMonitor()
  for (let i = 0; i < 60; i++) assert.equal(silence.check(70, i), i >= 100)
})

test('as long as something comes now and then, the path is there', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }), (pauses) => {
      const silence = new PathMonitor()
      let received = 0
      let sent = 0
      for (const pause of pauses) {
        received++
        for (let i = 0; i < pause; i++) {
          sent += 1000
          assert.equal(silence.check(received, sent), false)
        }
      }
    }),
  )
})
