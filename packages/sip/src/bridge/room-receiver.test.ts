import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLevel, readReports } from '@parley/rtp'
import fc from 'fast-check'
import { toneShare } from '../media/goertzel.ts'
import { concatPcm } from '../media/pcm.ts'
import { tone } from '../media/tone.ts'
import { Microphone } from './microphone.ts'
import { RoomReceiver } from './room-receiver.ts'
import { levelExtension, payloadTypes, type RemoteSection, type RoomCodec } from './sdp.ts'

const section = (ssrc: number): RemoteSection => ({
  mid: String(ssrc),
  active: true,
  payloads: new Map(Object.entries(payloadTypes).map(([codec, type]) => [type, codec as RoomCodec])),
  ssrc,
  level: levelExtension,
})

/** Somebody who says one tone into a receiver. */
function speaker(
  receiver: RoomReceiver,
  ssrc: number,
  frequency: number,
  level: number,
  codec: RoomCodec = 'PCMU',
  rate = 8_000,
) {
  const microphone = new Microphone(rate, (packet) => receiver.packet(Buffer.from(packet)))
  microphone.start({ sid: '', ssrc, codec })
  const sound = tone(rate, 1_000, [frequency], level)
  let at = 0
  return {
    say() {
      microphone.speak(sound.slice(at, at + rate / 50))
      at = (at + rate / 50) % sound.length
    },
    silent: () => microphone.speak(new Int16Array(rate / 50)),
  }
}

test('the room is heard, by PCMU or Opus, at the rate of the telephone', () => {
  for (const codec of ['PCMU', 'opus'] as const) {
    for (const rate of [8_000, 16_000]) {
      const receiver = new RoomReceiver(rate, () => {})
      receiver.tune([section(1)])
      const { say } = speaker(receiver, 1, 800, 0.3, codec, codec === 'opus' ? 16_000 : 8_000)
      const heard: Int16Array[] = []
      for (let frame = 0; frame < 60; frame++) {
        say()
        heard.push(...receiver.frames())
      }
      const pcm = concatPcm(heard.slice(-10))
      assert.equal(pcm.length, (10 * rate) / 50)
      assert.ok(toneShare(pcm, 800, rate) > 0.9, `${codec} at ${rate}: ${toneShare(pcm, 800, rate)}`)
      receiver.close()
    }
  }
})

test('silence gives no frames, and those that have gone are not heard', () => {
  const receiver = new RoomReceiver(8_000, () => {})
  receiver.tune([section(1)])
  const { say, silent } = speaker(receiver, 1, 800, 0.3)
  for (let frame = 0; frame < 30; frame++) {
    say()
    receiver.frames()
  }
  for (let frame = 0; frame < 60; frame++) {
    silent()
    receiver.frames()
  }
  for (let frame = 0; frame < 60; frame++) {
    silent()
    assert.deepEqual(receiver.frames(), [])
  }
  for (let frame = 0; frame < 10; frame++) say()
  assert.equal(receiver.frames().length, 1)
  receiver.tune([])
  say()
  assert.deepEqual(receiver.frames(), [])
})

test('of many voices the loudest are heard, also when they come last', () => {
  const receiver = new RoomReceiver(8_000, () => {})
  receiver.tune([1, 2, 3, 4, 5, 6].map(section))
  const voices = [300, 500, 700, 900, 1_100].map((frequency, index) => speaker(receiver, index + 1, frequency, 0.05))
  const loud = speaker(receiver, 6, 1_500, 0.6)
  const heard: Int16Array[][] = []
  for (let frame = 0; frame < 100; frame++) {
    for (const voice of voices) voice.say()
    if (frame >= 50) loud.say()
    heard.push(receiver.frames())
  }
  // A voice that is new is waited with for a moment.
  assert.ok([...heard.slice(5, 50), ...heard.slice(70)].every((frames) => frames.length === 4))
  const tracks = heard.at(-1)!
  assert.ok(tracks.some((frame) => toneShare(frame, 1_500, 8_000) > 0.8))
})

test('whatever packets come, the receiver gives whole frames, a few at most', () => {
  const header = fc.uint8Array({ minLength: 0, maxLength: 60 })
  const real = fc.tuple(
    fc.constantFrom(1, 2, 3),
    fc.constantFrom(0, 8, 111),
    fc.nat(0xffff),
    fc.nat(100_000),
    fc.uint8Array({ maxLength: 200 }),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(header, real), { maxLength: 60 }), (packets) => {
      const receiver = new RoomReceiver(8_000, () => {})
      receiver.tune([1, 2, 3].map(section))
      for (const packet of packets) {
        if (packet instanceof Uint8Array) receiver.packet(Buffer.from(packet))
        else {
          const [ssrc, type, sequence, timestamp, payload] = packet
          const data = Buffer.alloc(12)
          data[0] = 0x80
          data[1] = type
          data.writeUInt16BE(sequence, 2)
          data.writeUInt32BE(timestamp, 4)
          data.writeUInt32BE(ssrc, 8)
          receiver.packet(Buffer.concat([data, payload]))
        }
        for (const frame of receiver.frames()) assert.equal(frame.length, 160)
      }
      receiver.close()
    }),
    { numRuns: 200 },
  )
})

test('loudness is read from where it stands, and from nothing that is no extension', () => {
  const packet = Buffer.alloc(32)
  packet[0] = 0x90
  packet.writeUInt32BE(0xbede0002, 12)
  packet.set([0x00, 0x51, 7, 8, 0x30, 0x80 | 42, 0, 0], 16)
  assert.equal(readLevel(packet, 3), 42)
  assert.equal(readLevel(packet, 4), undefined)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(15), (data, id) => {
      const level = readLevel(Buffer.from(data), id)
      assert.ok(level === undefined || (level >= 0 && level <= 127))
    }),
    { numRuns: 1_000 },
  )
})

test('the server is told what arrives of each source, every five seconds', () => {
  const sent: Buffer[] = []
  const receiver = new RoomReceiver(8_000, (packet) => sent.push(packet))
  const ssrc = 0xfedcba98
  receiver.tune([section(ssrc), section(2)])
  const { say } = speaker(receiver, ssrc, 800, 0.3)
  for (let frame = 0; frame < 251; frame++) {
    if (frame % 10 !== 5) say()
    receiver.frames()
  }
  assert.equal(sent.length, 1)
  const [reception] = readReports(sent[0]!).receptions
  assert.equal(reception?.ssrc, ssrc)
  assert.equal(reception?.lost, 0)
})
