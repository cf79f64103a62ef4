import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRtcp, parseRtp, readLevel } from '@parley/rtp'
import fc from 'fast-check'
import { muLaw } from '../media/g711.ts'
import { tone } from '../media/tone.ts'
import { Microphone } from './microphone.ts'
import { levelExtension, payloadTypes, type RoomCodec } from './sdp.ts'
import { SpeechGate } from './speech-gate.ts'

const voice = tone(8_000, 20, [700], 0.3)
const quiet = new Int16Array(160)

function open(codec: RoomCodec, rate = 8_000) {
  const sent: Buffer[] = []
  const microphone = new Microphone(rate, (packet) => {
    // Packets are copied when sent.
    if (!isRtcp(packet)) sent.push(Buffer.from(packet))
  })
  microphone.start({ sid: 'TR_x', ssrc: 99, codec })
  return { microphone, sent }
}

test('a telephone is sent as PCMU, whole, with its loudness', () => {
  const { microphone, sent } = open('PCMU')
  for (let frame = 0; frame < 50; frame++) assert.equal(microphone.speak(voice), true)
  assert.equal(sent.length, 50)
  const packets = sent.map((data) => parseRtp(data)!)
  for (const [index, packet] of packets.entries()) {
    assert.deepEqual(packet.payload, muLaw.encode(voice))
    assert.deepEqual([packet.ssrc, packet.payloadType, packet.marker], [99, payloadTypes.PCMU, index === 0])
    assert.equal(packet.sequence, (packets[0]!.sequence + index) & 0xffff)
    assert.equal(packet.timestamp, (packets[0]!.timestamp + index * 160) >>> 0)
  }
  const level = readLevel(sent[0]!, levelExtension)!
  assert.ok(level >= 10 && level <= 16, `-${level} dBov`)
})

test('silence costs a packet in twenty, keeps the time, and ends with a marked packet', () => {
  for (const [codec, rate, units] of [
    ['PCMU', 8_000, 160],
    ['opus', 16_000, 960],
  ] as const) {
    const { microphone, sent } = open(codec, rate)
    const silence = new Int16Array(rate / 50)
    for (let frame = 0; frame < 1_000; frame++) assert.equal(microphone.speak(silence), false)
    assert.ok(sent.length > 60 && sent.length < 90, `${sent.length} of 1000`)
    for (const data of sent) assert.equal(readLevel(data, levelExtension), 127)
    const before = parseRtp(sent[0]!)!
    microphone.speak(tone(rate, 20, [700], 0.3))
    const after = parseRtp(sent.at(-1)!)!
    assert.equal((after.timestamp - before.timestamp) >>> 0, 1_000 * units)
    assert.equal(after.marker, true)
    assert.equal((after.sequence - before.sequence) & 0xffff, sent.length - 1)
    microphone.stop()
  }
})

test('muted, nothing of the voice is sent; without a track nothing at all', () => {
  const { microphone, sent } = open('PCMU')
  for (let frame = 0; frame < 100; frame++) microphone.mute()
  for (const data of sent) assert.ok(parseRtp(data)!.payload.every((code) => code === 0xff))
  microphone.stop()
  sent.length = 0
  microphone.speak(voice)
  microphone.speak(quiet)
  assert.equal(sent.length, 0)
})

test('the gate carries whatever is loud, however steady, and never what is nearly digital silence', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -127, max: 0 }), { maxLength: 400 }), (levels) => {
      const gate = new SpeechGate()
      let since = 1_000
      for (const level of levels) {
        since = level > -66 ? 0 : since + 1
        const taken = gate.takes(level)
        if (level > -45) assert.ok(taken, `${level}`)
        if (since > 20) assert.ok(!taken, `${level} after ${since}`)
      }
    }),
  )
})

test('the gate learns the noise of a line, hears quiet words over it, and does not cut their ends', () => {
  const gate = new SpeechGate()
  for (let frame = 0; frame < 1_000; frame++) gate.takes(-60)
  assert.equal(gate.takes(-60), false)
  assert.equal(gate.takes(-50), true)
  for (let frame = 0; frame < 20; frame++) assert.equal(gate.takes(-60), true)
  assert.equal(gate.takes(-60), false)
})
