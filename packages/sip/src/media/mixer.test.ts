import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mixAll } from './mixer.ts'
import { saturate } from './pcm.ts'

const frame = fc
  .array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 4, maxLength: 4 })
  .map((samples) => Int16Array.from(samples))

test('a mix is the sum of all, saturated', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 8 }), (frames) => {
      const mix = mixAll(frames, 4)
      for (let index = 0; index < 4; index++)
        assert.equal(mix[index], saturate(frames.reduce((total, other) => total + other[index]!, 0)))
    }),
  )
})

test('silence added changes nothing', () => {
  fc.assert(fc.property(frame, (voice) => assert.deepEqual(mixAll([voice, new Int16Array(4)], 4), voice)))
})
