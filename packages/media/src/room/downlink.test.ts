import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noExtensions } from '@parley/rtp'
import fc from 'fast-check'
import { FakeTransport } from '../../test/harness/fake-transport.ts'
import { PublishedMedia } from '../forward/published-media.ts'
import type { SdpCodec, SdpSection, SdpSession } from '../sdp/parse.ts'
import type { LocalSection } from '../sdp/write.ts'
import { Downlink, type DownTrack } from './downlink.ts'

function track(sid: string, kind: 'audio' | 'video' = 'video', codec = kind === 'video' ? 'vp8' : 'opus'): DownTrack {
  return { sid, kind, codec, fmtp: '', media: new PublishedMedia(kind, noExtensions()), stream: `PA_1|${sid}`, cname: 'c' }
}

function section(mid: string, kind: 'audio' | 'video', codecs: SdpCodec[], rejected = false): SdpSection {
  const rest = {
    protocol: 'UDP/TLS/RTP/SAVPF',
    extensions: [],
    rids: [],
    msid: undefined,
    ssrcs: [],
    repairs: [],
    hasSimulcast: false,
  }
  return { kind, mid, codecs, rejected, direction: 'recvonly', ...rest }
}

/** A client's answer that takes all it is offered but the mids named. */
function answer(offered: LocalSection[], refused: string[] = []): SdpSession {
  const sections = offered.map(({ mid, kind, codecs }) => section(mid, kind as 'audio' | 'video', codecs, refused.includes(mid)))
  return { ufrag: 'u', password: 'p', fingerprint: 'f', setup: 'active', isBundled: true, sections }
}

const receiving: SdpCodec[] = [
  { payloadType: 96, name: 'vp8', clockRate: 90_000, channels: 1, fmtp: '', feedback: [] },
  { payloadType: 97, name: 'rtx', clockRate: 90_000, channels: 1, fmtp: 'apt=96', feedback: [] },
]

test('a track is offered, flows when answered, and its section serves the next one', () => {
  const downlink = new Downlink(new FakeTransport())
  const first = downlink.add(track('TR_1'))
  assert.equal(downlink.needsNegotiation, true)
  const offered = downlink.offer()
  assert.deepEqual([offered.length, offered[0]!.direction, offered[0]!.sending?.stream], [1, 'sendonly', 'PA_1|TR_1'])
  assert.equal(first.downstream, undefined)
  downlink.answered(answer(offered))
  assert.equal(downlink.bySsrc(first.ssrc), first.downstream)
  assert.ok(first.downstream)
  assert.deepEqual(downlink.trackIds(), { '1': 'TR_1' })
  assert.equal(downlink.needsNegotiation, false)

  downlink.remove('TR_1')
  assert.equal(downlink.needsNegotiation, true)
  assert.deepEqual([downlink.bySsrc(first.ssrc), first.track.media.downstreamCount], [undefined, 0])
  downlink.add(track('TR_2'))
  const next = downlink.offer()
  // The client has still to hear that the first section ended.
  assert.deepEqual(
    next.map(({ direction }) => direction),
    ['inactive', 'sendonly'],
  )
  downlink.answered(answer(next))
  downlink.add(track('TR_3'))
  assert.deepEqual(
    downlink.offer().map(({ sending }) => sending?.track),
    ['TR_3', 'TR_2'],
  )
})

test('a track the client refuses is not offered again', () => {
  const downlink = new Downlink(new FakeTransport())
  const carried = downlink.add(track('TR_1'))
  downlink.answered(answer(downlink.offer(), ['1']))
  assert.deepEqual([carried.isUnsupported, carried.downstream], [true, undefined])
  assert.equal(downlink.offer()[0]!.direction, 'inactive')
})

test('with one connection sections are asked for, filled, and tracks without a codec left out', () => {
  const downlink = new Downlink(new FakeTransport())
  const plain = downlink.add(track('TR_1'))
  const odd = downlink.add(track('TR_2', 'video', 'av1'))
  assert.deepEqual(downlink.missingSections(), { audio: 0, video: 2 })
  assert.equal(downlink.answerSection(section('4', 'video', receiving)).direction, 'sendonly')
  assert.ok(plain.downstream)
  assert.equal(downlink.answerSection(section('5', 'video', receiving)).direction, 'inactive')
  assert.equal(odd.isUnsupported, true)
  assert.deepEqual(downlink.missingSections(), { audio: 0, video: 0 })
  assert.equal(downlink.needsNegotiation, false)
})

test('through any coming and going: one track a section, sections never vanish, and it settles', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), index: fc.nat(5), audio: fc.boolean() }),
    fc.record({ kind: fc.constant('remove' as const), index: fc.nat(5), audio: fc.boolean() }),
    fc.record({ kind: fc.constant('negotiate' as const), index: fc.nat(5), audio: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const downlink = new Downlink(new FakeTransport())
      let known: string[] = []
      const negotiate = (): void => {
        const offered = downlink.offer()
        const mids = offered.map(({ mid }) => mid)
        assert.deepEqual(mids.slice(0, known.length), known)
        assert.equal(new Set(mids).size, mids.length)
        const sent = offered.flatMap(({ sending }) => (sending === undefined ? [] : [sending.track]))
        assert.equal(new Set(sent).size, sent.length)
        known = mids
        downlink.answered(answer(offered))
      }
      for (const { kind, index, audio } of steps) {
        const sid = `TR_${audio ? 'a' : 'v'}${index}`
        if (kind === 'negotiate') negotiate()
        else if (kind === 'remove') downlink.remove(sid)
        else if (downlink.get(sid) === undefined) downlink.add(track(sid, audio ? 'audio' : 'video'))
      }
      for (let i = 0; i < 2 && downlink.needsNegotiation; i++) negotiate()
      assert.equal(downlink.needsNegotiation, false)
      for (const { downstream, slot } of downlink.all) assert.ok(downstream !== undefined && slot !== undefined)
      assert.equal(Object.keys(downlink.trackIds()).length, [...downlink.all].length)
    }),
    { numRuns: 300 },
  )
})
