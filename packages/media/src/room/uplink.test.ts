import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrackInfo } from '@livekit/protocol'
import { EXTENSION_URIS, parseRtcp, type RtcpHandlers } from '@parley/rtp'
import fc from 'fast-check'
import { FakeTransport } from '../../test/harness/fake-transport.ts'
import type { SdpSection } from '../sdp/parse.ts'
import { Uplink } from './uplink.ts'

const VP8 = 96
const RTX = 97
const [MID, RID, REPAIRED] = [4, 10, 11]
const wishes = { codec: 'vp8', red: false, dtx: false, stereo: false }
const codec = (payloadType: number, name: string, fmtp = '') => ({
  payloadType,
  name,
  clockRate: 90_000,
  channels: 1,
  fmtp,
  feedback: [],
})

function section(more: Partial<SdpSection> = {}): SdpSection {
  return {
    kind: 'video',
    protocol: 'UDP/TLS/RTP/SAVPF',
    rejected: false,
    mid: '5',
    direction: 'sendonly',
    codecs: [codec(VP8, 'vp8'), codec(RTX, 'rtx', `apt=${VP8}`)],
    extensions: [
      { id: MID, uri: EXTENSION_URIS.mid },
      { id: RID, uri: EXTENSION_URIS.rid },
      { id: REPAIRED, uri: EXTENSION_URIS.repairedRid },
    ],
    rids: ['q', 'h', 'f'],
    msid: undefined,
    ssrcs: [],
    repairs: [],
    hasSimulcast: true,
    ...more,
  }
}

/** An RTP packet with text extensions. */
function rtp(
  ssrc: number,
  sequence: number,
  payloadType: number,
  texts: Record<number, string>,
  payload: number[] = [0x10, 0, 1],
): Buffer {
  const elements = Object.entries(texts).flatMap(([id, text]) => [(Number(id) << 4) | (text.length - 1), ...Buffer.from(text)])
  while (elements.length % 4 !== 0) elements.push(0)
  const head = Buffer.alloc(16)
  head[0] = 0x90
  head[1] = payloadType
  head.writeUInt16BE(sequence, 2)
  head.writeUInt32BE(sequence * 3000, 4)
  head.writeUInt32BE(ssrc, 8)
  head.writeUInt16BE(0xbede, 12)
  head.writeUInt16BE(elements.length / 4, 14)
  return Buffer.concat([head, Buffer.from(elements), Buffer.from(payload)])
}

function published(about: SdpSection = section()) {
  const transport = new FakeTransport()
  const uplink = new Uplink(transport)
  const negotiated = uplink.negotiate(about, new TrackInfo({ sid: 'TR_1' }), wishes)
  const media = uplink.attach(about.mid, 'TR_1', undefined)!
  return { transport, uplink, media, negotiated }
}

/** The sequence numbers asked for again in what was sent. */
function nacked(transport: FakeTransport): number[] {
  const asked: number[] = []
  const nothing = () => {}
  const handlers: RtcpHandlers = {
    senderReport: nothing,
    report: nothing,
    nack: (_ssrc, sequence) => asked.push(sequence),
    keyframeRequest: nothing,
    remb: nothing,
    transportFeedback: nothing,
  }
  for (const packet of transport.sent.splice(0)) parseRtcp(packet, handlers)
  return asked
}

test('simulcast layers are told apart by rid, later packets by SSRC alone', () => {
  const { uplink, media, negotiated } = published()
  assert.deepEqual([negotiated.codec, negotiated.local.direction, negotiated.local.rids], ['vp8', 'recvonly', ['q', 'h', 'f']])
  for (const [ssrc, rid] of [
    [1, 'q'],
    [2, 'h'],
    [3, 'f'],
  ] as const) {
    assert.equal(uplink.receive(rtp(ssrc, 10, VP8, { [MID]: '5', [RID]: rid }), 1), true)
    assert.equal(uplink.receive(rtp(ssrc, 11, VP8, {}), 2), true)
  }
  assert.deepEqual(
    media.layers.map(({ spatial, ssrc, packets }) => [spatial, ssrc, packets]),
    [
      [0, 1, 2],
      [1, 2, 2],
      [2, 3, 2],
    ],
  )
})

test('a packet of nothing negotiated is refused', () => {
  const { uplink, media } = published()
  assert.equal(uplink.receive(rtp(1, 10, VP8, {}), 1), false)
  assert.equal(uplink.receive(rtp(1, 10, VP8, { [MID]: 'x', [RID]: 'q' }), 1), false)
  assert.equal(uplink.receive(rtp(1, 10, VP8, { [MID]: '5' }), 1), false)
  assert.equal(media.layers.length, 0)
})

test('without an AddTrackRequest a section stays inactive', () => {
  const uplink = new Uplink(new FakeTransport())
  const { local, codec: chosen } = uplink.negotiate(section(), undefined, wishes)
  assert.deepEqual([local.direction, chosen], ['inactive', ''])
  assert.equal(uplink.attach('5', 'TR_1', undefined), undefined)
})

test('what is missing is asked for, and taken from a retransmission under its own number', () => {
  const { transport, uplink, media } = published()
  const about = { [MID]: '5', [RID]: 'q' }
  uplink.receive(rtp(1, 10, VP8, about), 1)
  uplink.receive(rtp(1, 13, VP8, about), 2)
  uplink.tick(3)
  assert.deepEqual(nacked(transport), [11, 12])
  const repaired = rtp(9, 500, RTX, { [MID]: '5', [REPAIRED]: 'q' }, [0, 11, 0x10, 0, 7])
  assert.equal(uplink.receive(repaired, 4), true)
  assert.equal(media.layers[0]!.packets, 3)
  const stored = media.layers[0]!.history.get(0x10000 + 11)!
  assert.deepEqual([stored[1], stored.readUInt16BE(2), stored.readUInt32BE(8), stored.at(-1)], [VP8, 11, 1, 7])
  uplink.tick(500)
  assert.deepEqual(nacked(transport), [12])
})

test('padding that probes the bandwidth is no media', () => {
  const { uplink, media } = published()
  uplink.receive(rtp(1, 10, VP8, { [MID]: '5', [RID]: 'q' }), 1)
  assert.equal(uplink.receive(rtp(9, 1, RTX, { [MID]: '5', [REPAIRED]: 'q' }, [0, 9]), 2), true)
  assert.equal(media.layers[0]!.packets, 1)
})

test('without rids the SSRC of the offer is the only layer, FID its repair', () => {
  const { uplink, media } = published(
    section({ rids: [], hasSimulcast: false, ssrcs: [21, 22], repairs: [{ primary: 21, rtx: 22 }] }),
  )
  assert.equal(uplink.receive(rtp(21, 1, VP8, {}), 1), true)
  assert.deepEqual([media.layers[0]!.ssrc, media.layers[0]!.rtxSsrc], [21, 22])
})

test('an ended section takes nothing more', () => {
  const { uplink } = published()
  uplink.receive(rtp(1, 10, VP8, { [MID]: '5', [RID]: 'q' }), 1)
  uplink.detach('5')
  assert.equal(uplink.receive(rtp(1, 11, VP8, { [MID]: '5', [RID]: 'q' }), 2), false)
})

test('whatever comes, nothing throws and no more layers arise than there are', () => {
  const { uplink, media } = published()
  const texts = fc.record(
    { [MID]: fc.constantFrom('5', 'x', '55'), [RID]: fc.constantFrom('q', 'h', 'f', 'z', 'qq') },
    { requiredKeys: [] },
  )
  const real = fc
    .tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 65_535 }),
      fc.constantFrom(VP8, RTX, 111),
      texts,
      fc.array(fc.nat(255), { maxLength: 5 }),
    )
    .map(([ssrc, sequence, type, about, payload]) => rtp(ssrc, sequence, type, about, payload))
  const packet = fc.oneof(
    real,
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  )
  let now = 0
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
      for (const item of packets) assert.equal(typeof uplink.receive(item, ++now), 'boolean')
      uplink.tick(now)
      uplink.report(now)
      assert.ok(media.layers.length <= 3)
    }),
    { numRuns: 200 },
  )
})
