import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openCodec } from './codec.ts'
import { toneShare } from './goertzel.ts'
import { JitterBuffer } from './jitter.ts'
import { concatPcm, levelOf } from './pcm.ts'
import { tone } from './tone.ts'

const codec = openCodec('PCMU')
const seconds = 10
const voice = tone(8_000, seconds * 1_000, [220, 440], 0.25)
const packets = Array.from({ length: seconds * 50 }, (_, index) => ({
  timestamp: (0xffffff00 + index * 160) >>> 0,
  payload: codec.encode(voice.subarray(index * 160, index * 160 + 160)),
}))

/** Play packets that arrive at the given beats; beat -1 is never. */
function play(
  arrival: (index: number) => number,
  beats = packets.length + 20,
): { pcm: Int16Array; stats: JitterBuffer['stats'] } {
  const buffer = new JitterBuffer(codec)
  const due = new Map<number, number[]>()
  packets.forEach((_, index) => {
    const beat = arrival(index)
    if (beat >= 0) due.set(beat, [...(due.get(beat) ?? []), index])
  })
  const out: Int16Array[] = []
  for (let beat = 0; beat < beats; beat++) {
    for (const index of due.get(beat) ?? []) buffer.push(packets[index]!)
    out.push(buffer.pull())
  }
  return { pcm: concatPcm(out), stats: buffer.stats }
}

/** A repeatable random number from an index. */
const chance = (index: number, seed: number) => {
  let value = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32
}

const middle = (pcm: Int16Array) => pcm.subarray(8_000, (seconds - 1) * 8_000)

test('an even stream is played sample by sample', () => {
  const { pcm, stats } = play((index) => index)
  assert.ok(stats.concealed <= 5, `${stats.concealed} concealed after the last packet`)
  // The very first frame is blended in.
  const expected = codec.decode(codec.encode(voice))!.subarray(160)
  const start = [2, 3, 4]
    .map((frame) => frame * 160)
    .find((at) => expected[100] === pcm[at + 100] && expected[777] === pcm[at + 777])
  assert.ok(start !== undefined)
  assert.deepEqual(pcm.subarray(start, start + 70_000), expected.subarray(0, 70_000))
})

test('ten percent of loss is hidden: level and tones stay, nothing clicks', () => {
  for (const seed of [1, 2, 3]) {
    const { pcm, stats } = play((index) => (chance(index, seed) < 0.1 ? -1 : index))
    const part = middle(pcm)
    assert.ok(stats.concealed > 25, `${stats.concealed} frames concealed`)
    assert.ok(Math.abs(levelOf(part) - levelOf(voice)) < 1, `level ${levelOf(part)} for ${levelOf(voice)}`)
    const share = toneShare(part.subarray(0, 8_000), 220, 8_000) + toneShare(part.subarray(0, 8_000), 440, 8_000)
    assert.ok(share > 0.85, `share ${share}`)
    let steepest = 0
    for (let index = 1; index < part.length; index++) steepest = Math.max(steepest, Math.abs(part[index]! - part[index - 1]!))
    let usual = 0
    for (let index = 1; index < voice.length; index++) usual = Math.max(usual, Math.abs(voice[index]! - voice[index - 1]!))
    assert.ok(steepest < usual * 3, `steepest step ${steepest}, usual ${usual}`)
  }
})

test('jitter up to the depth costs nothing, more makes it deeper', () => {
  const even = play((index) => index + Math.floor(chance(index, 5) * 2))
  assert.ok(even.stats.late <= 3, `${even.stats.late} late`)
  const rough = play((index) => index + Math.floor(chance(index, 6) * 6))
  assert.ok(rough.stats.depth > 40)
  assert.ok(rough.stats.late < packets.length * 0.05, `${rough.stats.late} late`)
})

test('packets that come twice or out of order are played once, in order', () => {
  const order = (index: number) => (index % 2 === 0 ? index : index - 1)
  const { stats } = play(order)
  assert.ok(stats.concealed <= 5)
})

test('a stream that stops becomes quiet, and is picked up again', () => {
  const { pcm } = play((index) => (index < 100 ? index : index < 200 ? -1 : index))
  assert.ok(levelOf(pcm.subarray(130 * 160, 180 * 160)) < -40)
  assert.ok(levelOf(pcm.subarray(230 * 160, 300 * 160)) > -20)
})

test('whatever arrives whenever, every beat has its frame', () => {
  const mess = fc.array(
    fc.oneof(
      fc.constant('pull' as const),
      fc.record({
        timestamp: fc.oneof(fc.nat(5_000), fc.nat(2 ** 32 - 1)),
        payload: fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
      }),
    ),
    { maxLength: 120 },
  )
  fc.assert(
    fc.property(mess, (steps) => {
      const buffer = new JitterBuffer(codec)
      for (const step of steps) {
        if (step === 'pull') assert.equal(buffer.pull().length, 160)
        else buffer.push(step)
      }
      assert.equal(buffer.pull().length, 160)
    }),
  )
})

test('packets of 10, 30 and 60 ms are played whole', () => {
  for (const milliseconds of [10, 30, 60]) {
    const size = milliseconds * 8
    const buffer = new JitterBuffer(codec)
    const out: Int16Array[] = []
    for (let at = 0, beat = 0; beat < 200; beat++) {
      while (at < (beat + 1) * 160) {
        buffer.push({ timestamp: at, payload: codec.encode(voice.subarray(at, at + size)) })
        at += size
      }
      out.push(buffer.pull())
    }
    const part = concatPcm(out.slice(50))
    assert.ok(Math.abs(levelOf(part) - levelOf(voice)) < 0.5)
    assert.ok(buffer.stats.concealed < 8, `${milliseconds} ms: ${buffer.stats.concealed}`)
  }
})

test('what piled up while nobody pulled is given back within two seconds', () => {
  const buffer = new JitterBuffer(codec)
  const frameOf = (index: number) => ({ timestamp: index * 160, payload: Buffer.alloc(160, index & 0xff) })
  let index = 0
  const beat = () => {
    buffer.push(frameOf(index++))
    return buffer.pull()
  }
  for (let count = 0; count < 50; count++) beat()
  for (let count = 0; count < 40; count++) buffer.push(frameOf(index++))
  for (let count = 0; count < 100; count++) beat()
  const played = beat()
  // Each packet holds one value, its number: what is heard tells how old it is.
  const [now] = codec.decode(Buffer.alloc(1, (index - 4) & 0xff))!
  const age = [0, 1, 2, 3, 4, 5, 6].find((ago) => codec.decode(Buffer.alloc(1, (index - ago) & 0xff))![0] === played[100])
  assert.ok(age !== undefined, `${played[100]} is none of the last packets, such as ${now}`)
})
