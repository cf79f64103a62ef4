import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import fc from 'fast-check'
import { Inbox } from './inbox.ts'

/** An inbox by a clock that stands still until told. */
function watched() {
  mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  let isPaused = false
  const delivered: Uint8Array[] = []
  const socket = {
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
    },
  }
  const inbox = new Inbox(
    socket,
    (data) => delivered.push(data),
    () => now,
  )
  const pass = (ms: number) => {
    now += ms
    mock.timers.tick(ms)
  }
  return { inbox, delivered, pass, isPaused: () => isPaused, end: () => mock.timers.reset() }
}

test('a burst comes through at once, what follows waits and stops the reading, and nothing is lost or turned round', () => {
  const step = fc.record({ count: fc.nat(900), size: fc.constantFrom(2, 9, 300, 5_000, 400_000), pause: fc.nat(4_000) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const { inbox, delivered, pass, isPaused, end } = watched()
      try {
        const pushed: Uint8Array[] = []
        let elapsed = 0
        for (const { count, size, pause } of steps) {
          for (let i = 0; i < count && !isPaused(); i++) {
            const data = new Uint8Array(size)
            pushed.push(data)
            assert.equal(inbox.push(data), true)
          }
          pass(pause)
          elapsed += pause
          const cost = delivered.reduce((sum, data) => sum + Math.min(1_000, 1 + data.length / 4_096), 0)
          assert.ok(cost <= 1_000 + (elapsed * 100) / 1_000 + 0.001, `${cost} in ${elapsed} ms`)
          assert.equal(isPaused(), delivered.length < pushed.length)
        }
        for (let i = 0; isPaused() && i < 100; i++) pass(10_000)
        assert.equal(delivered.length, pushed.length)
        assert.ok(delivered.every((data, i) => data === pushed[i]))
      } finally {
        end()
      }
    }),
    { numRuns: 60, seed: 20_260_803 },
  )
})

test('what a socket that was told to stop still brings is kept, so much and no more', () => {
  const { inbox, delivered, end } = watched()
  const ping = new Uint8Array(2)
  let taken = 0
  while (inbox.push(ping)) taken++
  assert.ok(taken > 8_192 && taken <= 51_001, `${taken}`)
  assert.ok(delivered.length <= 1_000)
  inbox.close()
  end()
})
