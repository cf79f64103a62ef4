import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mixAll, mixMinusOne } from './mixer.ts'
import { saturate } from './pcm.ts'

const frame = fc
  .array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 4, maxLength: 4 })
  .map((samples) => Int16Array.from(samples))

test('everyone hears the sum of the others, saturated', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
      const mixes = mixMinusOne(frames)
      frames.forEach((_, own) => {
        for (let index = 0; index < 4; index++) {
          const sum = frames.reduce((total, other, at) => (at === own ? total : total + other[index]!), 0)
          assert.equal(mixes[own]![index], saturate(sum))
        }
      })
    }),
  )
})

test('silence added changes nothing', () => {
  fc.assert(fc.property(frame, (voice) => assert.deepEqual(mixAll([voice, new Int16Array(4)], 4), voice)))
})

test('one alone hears silence', () => {
  fc.assert(fc.property(frame, (voice) => assert.deepEqual(mixMinusOne([voice]), [new Int16Array(4)])))
})
