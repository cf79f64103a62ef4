import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findExtension, noExtensions, RtpHeader } from '@parley/rtp'
import fc from 'fast-check'
import { Vp8Descriptor } from '../payload/vp8.ts'
import { Downstream } from './downstream.ts'
import type { Layer } from './layer.ts'
import type { PacketSink } from './packet-sink.ts'
import { PublishedMedia } from './published-media.ts'

const header = new RtpHeader()

interface Sent {
  sequence: number
  timestamp: number
  ssrc: number
  payloadType: number
  pictureId: number
  payload: string
}

class Recorder implements PacketSink {
  extensions = { ...noExtensions(), transportSequence: 3, audioLevel: 1 }
  formatKey = 'a'
  isOpen = true
  rttMs = 50
  isOverloaded = false
  sent: Sent[] = []
  #next = 0

  mayRepair(): boolean {
    return true
  }

  send(packet: Buffer): void {
    const read = new RtpHeader()
    assert.ok(read.read(packet))
    const vp8 = new Vp8Descriptor()
    vp8.read(packet, read.payloadStart, read.payloadEnd)
    const { sequence, timestamp, ssrc, payloadType } = read
    const payload = packet.subarray(read.payloadStart, read.payloadEnd).toString('hex')
    this.sent.push({ sequence, timestamp, ssrc, payloadType, pictureId: vp8.pictureId, payload })
    assert.ok(findExtension(packet, read.profile, read.extensionStart, read.extensionEnd, 3) > 0)
  }

  nextTransportSequence(): number {
    return this.#next++
  }
}

/** A VP8 packet: 12 bytes of header, descriptor with 15-bit PictureID and TL0PICIDX, one byte of frame. */
function vp8Packet(sequence: number, timestamp: number, pictureId: number, isKey: boolean, mark = 0): Buffer {
  const packet = Buffer.alloc(20)
  packet[0] = 0x80
  packet[1] = 96
  packet.writeUInt16BE(sequence & 0xffff, 2)
  packet.writeUInt32BE(timestamp >>> 0, 4)
  packet.writeUInt32BE(77, 8)
  packet.set([0x90, 0xe0, 0x80 | ((pictureId >> 8) & 0x7f), pictureId & 0xff, pictureId & 0xff, 0x20], 12)
  packet[18] = isKey ? 0 : 1
  packet[19] = mark
  return packet
}

function video(): {
  media: PublishedMedia
  sink: Recorder
  downstream: Downstream
  feed(layer: Layer, packet: Buffer, now: number): void
} {
  const media = new PublishedMedia('video', noExtensions())
  media.codecs.set(96, 'vp8')
  const sink = new Recorder()
  const downstream = new Downstream(media, sink, {
    ssrc: 500,
    rtxSsrc: 501,
    rtxPayloadType: 109,
    payloadTypes: new Map([['vp8', 108]]),
  })
  downstream.targetLayer = 2
  media.add(downstream)
  for (const spatial of [0, 1, 2]) media.layer(spatial).start(1000 + spatial)
  return {
    media,
    sink,
    downstream,
    feed(layer, packet, now) {
      assert.ok(header.read(packet))
      if (layer.receive(packet, header, now)) media.forward(layer, packet, now)
    },
  }
}

test('nothing goes out before a key frame', () => {
  const { media, sink, feed } = video()
  feed(media.layer(0), vp8Packet(1, 0, 1, false), 1)
  assert.equal(sink.sent.length, 0)
  feed(media.layer(0), vp8Packet(2, 3000, 2, true), 34)
  assert.equal(sink.sent.length, 1)
  assert.equal(sink.sent[0]!.ssrc, 500)
  assert.equal(sink.sent[0]!.payloadType, 108)
})

test('a switch between layers leaves no gap in what the subscriber sees', () => {
  const { media, sink, downstream, feed } = video()
  downstream.targetLayer = 0
  const [low, high] = [media.layer(0), media.layer(2)]
  for (let i = 0; i < 5; i++) {
    feed(low, vp8Packet(65533 + i, 90000 + i * 3000, 100 + i, i === 0), i * 33)
    feed(high, vp8Packet(200 + i, 5_000_000 + i * 3000, 9000 + i, i === 0), i * 33)
  }
  downstream.targetLayer = 2
  for (let i = 5; i < 10; i++) {
    feed(low, vp8Packet(65533 + i, 90000 + i * 3000, 100 + i, false), i * 33)
    feed(high, vp8Packet(200 + i, 5_000_000 + i * 3000, 9000 + i, i === 7), i * 33)
  }
  assert.equal(downstream.currentLayer, 2)
  for (let i = 1; i < sink.sent.length; i++) {
    const [before, after] = [sink.sent[i - 1]!, sink.sent[i]!]
    assert.equal(after.sequence, (before.sequence + 1) & 0xffff)
    assert.equal(after.pictureId, (before.pictureId + 1) & 0x7fff)
    const step = (after.timestamp - before.timestamp) | 0
    assert.ok(step > 0 && step < 9000, `timestamp step ${step}`)
  }
})

test('a lost packet is retransmitted with the numbers it would have had, over RTX', () => {
  const { media, sink, downstream, feed } = video()
  for (let i = 0; i < 5; i++) feed(media.layer(0), vp8Packet(10 + i, i * 3000, i, i === 0, i), i * 33)
  const lost = sink.sent[3]!
  assert.equal(downstream.retransmit(lost.sequence, 200), true)
  const repaired = sink.sent.at(-1)!
  assert.equal(repaired.ssrc, 501)
  assert.equal(repaired.payloadType, 109)
  assert.equal(repaired.timestamp, lost.timestamp)
  assert.equal(repaired.payload, lost.sequence.toString(16).padStart(4, '0') + lost.payload)
  assert.equal(downstream.retransmit((lost.sequence + 1000) & 0xffff, 200), false)
})

test('any order of arrival keeps the distance between packets', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 30 }, (_, i) => i + 1)), fc.nat(65535), (order, base) => {
      const { media, sink, feed } = video()
      const layer = media.layer(0)
      feed(layer, vp8Packet(base, 0, 0, true, 255), 0)
      const first = sink.sent[0]!.sequence
      for (const i of order) feed(layer, vp8Packet(base + i, i * 3000, i, false, i), i)
      for (const { sequence, payload } of sink.sent.slice(1)) {
        assert.equal((sequence - first) & 0xffff, Number.parseInt(payload.slice(-2), 16))
      }
      assert.equal(sink.sent.length, order.length + 1)
    }),
  )
})

test('a repeated packet is not forwarded again', () => {
  const { media, sink, feed } = video()
  feed(media.layer(0), vp8Packet(1, 0, 0, true), 0)
  feed(media.layer(0), vp8Packet(1, 0, 0, true), 1)
  assert.equal(sink.sent.length, 1)
})

test('a paused subscriber gets nothing and restarts at a key frame', () => {
  const { media, sink, downstream, feed } = video()
  const layer = media.layer(0)
  feed(layer, vp8Packet(1, 0, 0, true), 0)
  downstream.pause()
  feed(layer, vp8Packet(2, 3000, 1, false), 33)
  downstream.resume()
  feed(layer, vp8Packet(3, 6000, 2, false), 66)
  assert.equal(sink.sent.length, 1)
  assert.equal(downstream.wantsKeyframe(700), layer)
  feed(layer, vp8Packet(4, 9000, 3, true), 800)
  assert.equal(sink.sent.length, 2)
  assert.equal(sink.sent[1]!.sequence, (sink.sent[0]!.sequence + 1) & 0xffff)
})

test('leaving out upper temporal layers leaves no gap, and losses stay losses', () => {
  const { media, sink, downstream, feed } = video()
  const layer = media.layer(0)
  const packet = (i: number, temporal: number) => {
    const made = vp8Packet(100 + i, i * 3000, i, i === 0, i)
    // The T bit, and the temporal layer where the frame's first byte was; one more byte of frame follows.
    return Buffer.concat([
      made.subarray(0, 13),
      Buffer.from([0xe0]),
      made.subarray(14, 17),
      Buffer.from([temporal << 6]),
      made.subarray(18),
    ])
  }
  for (let i = 0; i < 4; i++) feed(layer, packet(i, i % 2), i * 33)
  downstream.setTemporal(0)
  for (let i = 4; i < 14; i++) if (i !== 8) feed(layer, packet(i, i % 2), i * 33)
  const first = sink.sent[0]!.sequence
  const steps = sink.sent.map(({ sequence, payload }) => [(sequence - first) & 0xffff, Number.parseInt(payload.slice(-2), 16)])
  assert.deepEqual(steps, [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 6],
    [7, 10],
    [8, 12],
  ])
  // The late one goes out in the place kept for it, and a picture of its own.
  feed(layer, packet(8, 0), 500)
  const late = sink.sent[8]!
  assert.deepEqual([(late.sequence - first) & 0xffff, late.payload.slice(-2)], [6, '08'])
  assert.equal(new Set(sink.sent.map(({ pictureId }) => pictureId)).size, 9)
  assert.equal(downstream.retransmit(sink.sent[5]!.sequence, 600), true)
  assert.equal(sink.sent.at(-1)!.payload.slice(-2), '06')
})

test('a muted track is not forwarded, whatever its publisher sends', () => {
  const { media, sink, feed } = video()
  media.isMuted = true
  feed(media.layer(0), vp8Packet(1, 0, 0, true), 0)
  assert.equal(sink.sent.length, 0)
})

test('a track unmuted goes on without a gap, and what was withheld cannot be asked for', () => {
  const { media, sink, downstream, feed } = video()
  const layer = media.layer(0)
  feed(layer, vp8Packet(1, 0, 0, true, 1), 0)
  media.isMuted = true
  for (let i = 2; i < 6; i++) feed(layer, vp8Packet(i, i * 3000, i, false, i), i * 33)
  media.isMuted = false
  feed(layer, vp8Packet(6, 18_000, 6, false, 6), 200)
  assert.equal(sink.sent.length, 1, 'the next pictures build on withheld ones')
  feed(layer, vp8Packet(7, 21_000, 7, true, 7), 233)
  assert.equal(sink.sent[1]!.sequence, (sink.sent[0]!.sequence + 1) & 0xffff)
  assert.equal(sink.sent[1]!.timestamp, (sink.sent[0]!.timestamp + 21_000) >>> 0)
  feed(layer, vp8Packet(8, 24_000, 8, false, 8), 266)
  for (let i = -4; i < 8; i++) downstream.retransmit((sink.sent[1]!.sequence + i) & 0xffff, 300)
  const marks = new Set(sink.sent.map(({ payload }) => payload.slice(-2)))
  assert.deepEqual([...marks], ['01', '07', '08'])
})

test('after a pause the timestamps say how long it took, the numbers nothing', () => {
  const { media, sink, downstream, feed } = video()
  const layer = media.layer(0)
  feed(layer, vp8Packet(65_535, 0xffff_ff00, 9, true), 0)
  downstream.pause()
  for (let i = 0; i < 30; i++) feed(layer, vp8Packet(i, 0xffff_ff00 + (i + 1) * 3000, 10 + i, false), (i + 1) * 33)
  downstream.resume()
  feed(layer, vp8Packet(30, 0xffff_ff00 + 31 * 3000, 40, true), 31 * 33)
  const [before, after] = sink.sent as [Sent, Sent]
  assert.equal(after.sequence, (before.sequence + 1) & 0xffff)
  assert.equal(after.pictureId, before.pictureId + 1)
  assert.equal((after.timestamp - before.timestamp) >>> 0, 31 * 3000)
})

test('packets lost among those left out get their place back when they come or are asked for', () => {
  const { media, sink, downstream, feed } = video()
  const layer = media.layer(0)
  feed(layer, temporalPacket(0, 0), 1)
  downstream.setTemporal(0)
  // 2 and 5 are lost; 1, 3, 4 and 6 left out.
  for (const [i, temporal] of [
    [1, 1],
    [3, 1],
    [4, 1],
    [6, 1],
    [7, 0],
    [8, 0],
  ] as const)
    feed(layer, temporalPacket(i, temporal), 2 + i)
  const first = sink.sent[0]!.sequence
  const places = () =>
    sink.sent.map(({ sequence, payload }) => [(sequence - first) & 0xffff, Number.parseInt(payload.slice(-2), 16)])
  assert.deepEqual(places(), [
    [0, 0],
    [3, 7],
    [4, 8],
  ])
  feed(layer, temporalPacket(5, 0), 20)
  assert.deepEqual(places().at(-1), [2, 5])
  assert.equal(downstream.retransmit((first + 1) & 0xffff, 30), false, 'not there yet')
  feed(layer, temporalPacket(2, 1), 40)
  assert.deepEqual(places().at(-1), [1, 2])
  feed(layer, temporalPacket(4, 1), 50)
  assert.equal(sink.sent.length, 5)
})

test('gaps are asked for once, then again after a while, and given up in the end', () => {
  const { media, feed } = video()
  const layer = media.layer(0)
  feed(layer, vp8Packet(1, 0, 0, true), 0)
  feed(layer, vp8Packet(4, 3000, 1, false), 10)
  assert.deepEqual(layer.collectMissing(10, 50), [2, 3])
  assert.deepEqual(layer.collectMissing(20, 50), [])
  feed(layer, vp8Packet(2, 1000, 1, false), 30)
  assert.deepEqual(layer.collectMissing(100, 50), [3])
  assert.deepEqual(layer.collectMissing(2000, 50), [])
  assert.equal(layer.hasMissing, false)
})

test('however many ask for a key frame, the publisher is asked at most every 400 ms', () => {
  const { media } = video()
  const layer = media.layer(0)
  const asked = Array.from({ length: 1000 }, (_, i) => layer.requestKeyframe(1000 + i)).filter((packet) => packet !== undefined)
  assert.equal(asked.length, 3)
  assert.equal(media.layer(1).requestKeyframe(1000) !== undefined, true, 'each layer for itself')
})

test('the best layer is the highest live one not above what is wanted', () => {
  const { media, feed } = video()
  feed(media.layer(0), vp8Packet(1, 0, 0, true), 1)
  feed(media.layer(1), vp8Packet(1, 0, 0, true), 1)
  assert.equal(media.bestLayer(2, 100)!.spatial, 1)
  assert.equal(media.bestLayer(0, 100)!.spatial, 0)
  feed(media.layer(1), vp8Packet(2, 0, 0, true), 5000)
  assert.equal(media.bestLayer(0, 5001)!.spatial, 1, 'the only one sent, though above')
})

test('no output number ever carries two different packets, whatever is lost, late or left out', () => {
  const turn = fc.constantFrom('none', 'none', 'none', 'none', 'pause', 'resume', 'cut', 'mute', 'unmute', 'keyframe')
  const step = fc.record({ skip: fc.nat(2), temporal: fc.nat(2), thin: fc.nat(3), late: fc.boolean(), turn })
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => {
      const { media, sink, downstream, feed } = video()
      const layer = media.layer(0)
      feed(layer, temporalPacket(0, 0), 1)
      let next = 1
      const held: Buffer[] = []
      for (const { skip, temporal, thin, late, turn } of steps) {
        downstream.setTemporal(thin)
        if (turn === 'pause') downstream.pause()
        else if (turn === 'resume') downstream.resume()
        else if (turn === 'cut') downstream.cut()
        else if (turn === 'mute' || turn === 'unmute') media.isMuted = turn === 'mute'
        else if (turn === 'keyframe') feed(layer, temporalPacket(next++, 0, true), next)
        if (skip > 0) held.push(temporalPacket(next++, temporal))
        feed(layer, temporalPacket(next++, temporal), next)
        if (late && held.length > 0) feed(layer, held.shift()!, next)
      }
      for (const { sequence } of [...sink.sent]) downstream.retransmit(sequence, 1e6)
      const carried = new Map<number, string>()
      for (const { ssrc, sequence: own, payload } of sink.sent) {
        // A repair says first which number it stands for.
        const sequence = ssrc === 501 ? Number.parseInt(payload.slice(0, 4), 16) : own
        const mark = payload.slice(-2)
        assert.ok(
          !carried.has(sequence) || carried.get(sequence) === mark,
          `${sequence} carries ${carried.get(sequence)} and ${mark}`,
        )
        carried.set(sequence, mark)
      }
    }),
    { numRuns: 300 },
  )
})

/** Packet `i` of a stream with temporal layers; its last byte is `i`. */
function temporalPacket(i: number, temporal: number, isKey = i === 0): Buffer {
  const made = vp8Packet(100 + i, i * 3000, i, isKey, i & 0xff)
  return Buffer.concat([
    made.subarray(0, 13),
    Buffer.from([0xe0]),
    made.subarray(14, 17),
    Buffer.from([(temporal << 6) | 0x20]),
    made.subarray(18),
  ])
}
