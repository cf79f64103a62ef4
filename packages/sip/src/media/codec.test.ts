import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openCodec } from './codec.ts'
import { aLaw, muLaw } from './g711.ts'
import { toneShare } from './goertzel.ts'
import { OpusVoice, opusSamples } from './opus.ts'
import { concatPcm, levelOf } from './pcm.ts'
import { Resampler } from './resample.ts'
import { tone } from './tone.ts'

const sample = fc.integer({ min: -32_768, max: 32_767 })
const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code)

test('G.711 knows the corner values of the standard', () => {
  assert.deepEqual([...muLaw.decode(Buffer.from([0xff, 0x7f, 0x80, 0x00]))], [0, 0, 32_124, -32_124])
  assert.deepEqual([...aLaw.decode(Buffer.from([0xd5, 0x55, 0xaa, 0x2a]))], [8, -8, 32_256, -32_256])
  assert.equal(muLaw.encode(Int16Array.of(0))[0], 0xff)
  assert.equal(aLaw.encode(Int16Array.of(0))[0], 0xd5)
})

for (const [name, law, step] of [
  ['mu-law', muLaw, 0.04],
  ['A-law', aLaw, 0.04],
] as const) {
  test(`${name}: every code comes back as itself`, () => {
    const back = law.encode(law.decode(allCodes))
    // Mu-law has two zeroes, which are one sample.
    for (const code of allCodes) if (!(name === 'mu-law' && code === 0x7f)) assert.equal(back[code], code)
  })

  test(`${name}: no sample is far from what comes back, and order is kept`, () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const [a, b] = law.decode(law.encode(Int16Array.of(first, second)))
        assert.ok(
          Math.abs(a! - Math.max(-32_635, Math.min(32_635, first))) <= Math.max(16, Math.abs(first) * step),
          `${first} became ${a}`,
        )
        if (first <= second) assert.ok(a! <= b!)
      }),
    )
  })
}

test('Opus keeps a tone, and many codecs do not disturb one another', () => {
  const codecs = [400, 700, 1_100, 1_900].map((frequency) => ({
    frequency,
    voice: new OpusVoice(16_000),
    out: [] as Int16Array[],
  }))
  for (let frame = 0; frame < 25; frame++) {
    for (const { frequency, voice, out } of codecs) {
      const pcm = Int16Array.from(
        { length: 320 },
        (_, index) => 8_000 * Math.sin((2 * Math.PI * frequency * (frame * 320 + index)) / 16_000),
      )
      out.push(voice.decode(voice.encode(pcm))!)
    }
  }
  for (const { frequency, voice, out } of codecs) {
    const pcm = concatPcm(out.slice(10))
    assert.ok(toneShare(pcm, frequency, 16_000) > 0.9, `${frequency}: ${toneShare(pcm, frequency, 16_000)}`)
    assert.ok(Math.abs(levelOf(pcm) - -15.3) < 2)
    voice.close()
  }
})

test('packets that are not Opus are nothing', () => {
  const codec = openCodec('opus')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const pcm = codec.decode(Buffer.from(bytes))
      assert.ok(pcm === undefined || pcm.length <= 1_920)
    }),
  )
  codec.close()
  assert.equal(opusSamples(Uint8Array.of(0), 16_000), 160)
  assert.equal(opusSamples(Uint8Array.of(0x63, 63), 48_000), undefined)
})

for (const [from, to] of [
  [8_000, 16_000],
  [16_000, 8_000],
  [8_000, 48_000],
  [48_000, 8_000],
  [48_000, 16_000],
  [16_000, 48_000],
] as const) {
  test(`resampling ${from} to ${to} keeps tones, level and length`, () => {
    const resampler = new Resampler(from, to)
    const input = tone(from, 1_000, [600], 0.3)
    const parts: Int16Array[] = []
    for (let start = 0; start < input.length; start += from / 50)
      parts.push(resampler.process(input.subarray(start, start + from / 50)))
    const output = concatPcm(parts)
    assert.equal(output.length, to)
    const middle = output.subarray(to / 4, (to * 3) / 4)
    assert.ok(toneShare(middle, 600, to) > 0.99)
    assert.ok(Math.abs(levelOf(middle) - levelOf(input)) < 0.5)
  })
}

test('resampling down takes out what the lower rate cannot hold', () => {
  const output = new Resampler(48_000, 8_000).process(tone(48_000, 500, [7_000], 0.5))
  assert.ok(levelOf(output.subarray(400, 3_600)) < -50)
})

test('resampling in pieces of any size gives the same sound', () => {
  const input = tone(8_000, 100, [440], 0.4)
  const whole = new Resampler(8_000, 16_000).process(input)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 10 }), (sizes) => {
      const resampler = new Resampler(8_000, 16_000)
      const parts: Int16Array[] = []
      let at = 0
      for (const size of [...sizes, input.length]) {
        parts.push(resampler.process(input.subarray(at, at + size)))
        at = Math.min(input.length, at + size)
      }
      assert.deepEqual(concatPcm(parts), whole)
    }),
    { numRuns: 30 },
  )
})
