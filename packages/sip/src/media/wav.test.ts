import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toneShare } from './goertzel.ts'
import { tone } from './tone.ts'
import { readWav } from './wav.ts'

/** A WAV as programs write it to a pipe: they do not know its length yet. */
function wav(rate: number, pcm: Int16Array, claimed = 0x7fff_ffff): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(claimed, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(claimed, 40)
  return Buffer.concat([head, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)])
}

test('every rate is brought to 8 kHz with its pitch', () => {
  for (const rate of [8_000, 16_000, 22_050, 44_100, 48_000]) {
    const pcm = readWav(wav(rate, tone(rate, 1_000, [700], 0.4)))
    assert.equal(pcm.length, 8_000)
    assert.ok(toneShare(pcm.subarray(800, 7_200), 700, 8_000) > 0.99, `${rate} Hz`)
  }
})

test('anything else is an error that says so, never a crash of another kind', () => {
  assert.throws(() => readWav(wav(11_000, new Int16Array(8))), /at 11000 Hz/)
  const sound = wav(16_000, tone(16_000, 20, [700], 0.4))
  fc.assert(
    fc.property(fc.nat(sound.length), fc.uint8Array({ maxLength: 60 }), fc.nat(50), (length, noise, at) => {
      const broken = Buffer.from(sound.subarray(0, length))
      broken.set(noise.subarray(0, Math.max(0, broken.length - at)), Math.min(at, broken.length))
      try {
        readWav(broken)
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError))
      }
    }),
  )
})
