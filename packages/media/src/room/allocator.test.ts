import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddTrackRequest, type StreamStateUpdate, TrackSource, TrackType, VideoLayer, type VideoQuality } from '@livekit/protocol'
import { noExtensions } from '@parley/rtp'
import fc from 'fast-check'
import { FakeTransport } from '../../test/harness/fake-transport.ts'
import { PublishedMedia } from '../forward/published-media.ts'
import { Allocator, type AllocatorRoom, type Subscriber } from './allocator.ts'
import { Downlink } from './downlink.ts'
import { PublishedTrack } from './published-track.ts'

const BITRATES = [150_000, 500_000, 1_700_000]
const sizes = [320, 640, 1280]

/** One subscriber of some videos; `wanted` and `screen` say what it wants of each and which are screens. */
function stage(videos: { wanted: number; screen?: boolean }[], estimate: number, mayPause = true, bitrates = BITRATES) {
  const transport = new FakeTransport()
  transport.estimator.estimate = estimate
  const downlink = new Downlink(transport)
  const tracks = new Map<string, PublishedTrack>()
  const wantedOf = new Map<string, number>()
  for (const { wanted, screen = false } of videos) {
    const published = new PublishedTrack(
      new AddTrackRequest({
        cid: 'cid',
        type: TrackType.VIDEO,
        source: screen ? TrackSource.SCREEN_SHARE : TrackSource.CAMERA,
        layers: bitrates.map(
          (bitrate, quality) => new VideoLayer({ quality: quality as VideoQuality, bitrate, width: sizes[quality]! }),
        ),
      }),
    )
    published.media = new PublishedMedia('video', noExtensions())
    const { sid } = published.info
    tracks.set(sid, published)
    wantedOf.set(sid, wanted)
    downlink.add({ sid, kind: 'video', codec: 'vp8', fmtp: '', media: published.media, stream: sid, cname: sid })
  }
  const sections = downlink.offer().map(({ mid, codecs }) => ({
    ...{ kind: 'video' as const, protocol: '', rejected: false, direction: 'recvonly' as const, extensions: [], rids: [] },
    ...{ msid: undefined, ssrcs: [], repairs: [], hasSimulcast: false, mid, codecs },
  }))
  downlink.answered({ ufrag: '', password: '', fingerprint: '', setup: 'active', isBundled: true, sections })
  const told: StreamStateUpdate[] = []
  const participant = {
    downlink,
    subscriber: transport,
    settings: new Map(),
    init: { subscriberAllowPause: mayPause },
    wantedLayer: ({ track }: { track: { sid: string } }) => wantedOf.get(track.sid)!,
    send: ({ value }: { value: StreamStateUpdate }) => told.push(value),
  } as unknown as Subscriber
  const room = {
    trackBySid: (sid: string) => ({ participant: { sid: 'PA_x' }, track: tracks.get(sid) }),
    requestKeyframe: () => {},
  } as unknown as AllocatorRoom
  const allocator = new Allocator(room)
  const apply = (now: number): number[] => {
    allocator.apply(participant, now)
    return [...downlink.all].map(({ downstream }) => (downstream!.isPaused ? -1 : downstream!.targetLayer))
  }
  return { apply, transport, told }
}

test('a wide link gets what is asked for', () => {
  assert.deepEqual(stage([{ wanted: 2 }, { wanted: 1 }, { wanted: 0 }], 10_000_000).apply(1), [2, 1, 0])
})

test('a low layer for each comes before a better one for any', () => {
  assert.deepEqual(stage([{ wanted: 2 }, { wanted: 2 }, { wanted: 2 }], 600_000).apply(1), [0, 0, 0])
  assert.deepEqual(stage([{ wanted: 2 }, { wanted: 2 }, { wanted: 2 }], 1_000_000).apply(1), [1, 0, 0])
})

test('a layer whose step down did not fit is not given, cheap as its own step may be', () => {
  assert.deepEqual(stage([{ wanted: 2 }], 600_000, true, [150_000, 2_000_000, 2_100_000]).apply(1), [0])
})

test('a screen is served before faces', () => {
  assert.deepEqual(stage([{ wanted: 2 }, { wanted: 2, screen: true }], 800_000).apply(1), [0, 1])
})

test('what nobody looks at is stopped and costs nothing', () => {
  assert.deepEqual(stage([{ wanted: -1 }, { wanted: 2 }], 1_900_000).apply(1), [-1, 2])
})

test('too thin for the lowest layer: tried for a while, then paused and told, then tried again', () => {
  const { apply, told } = stage([{ wanted: 2 }], 60_000)
  assert.deepEqual(apply(1_000), [0])
  assert.deepEqual(apply(4_900), [0])
  assert.deepEqual(apply(5_100), [-1])
  assert.deepEqual(
    told.map(({ streamStates }) => streamStates.map(({ state }) => state)),
    [[1]],
  )
  assert.deepEqual(apply(14_000), [-1])
  assert.deepEqual(apply(15_200), [0])
  assert.equal(told.length, 2)
})

test('a client that does not allow pausing keeps the low layer', () => {
  const { apply } = stage([{ wanted: 2 }], 60_000, false)
  assert.deepEqual([apply(1_000), apply(6_000)], [[0], [0]])
})

test('a calm link is tried for more once in a while', () => {
  const { apply } = stage([{ wanted: 1 }], 400_000)
  assert.deepEqual(apply(1_000), [0])
  assert.deepEqual(apply(16_000), [1])
})

test('never more than wanted, and within the link unless it is the lowest layer', () => {
  const video = fc.record({ wanted: fc.integer({ min: -1, max: 2 }), screen: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(video, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 60_000, max: 12_000_000 }),
      (videos, estimate) => {
        const given = stage(videos, estimate).apply(1)
        assert.ok(given.every((layer, index) => layer <= videos[index]!.wanted))
        const better = given.filter((layer) => layer > 0)
        const cost = given.reduce((sum, layer) => sum + (layer < 0 ? 0 : BITRATES[layer]!), 0)
        assert.ok(better.length === 0 || cost <= estimate, `${given} costs ${cost} of ${estimate}`)
      },
    ),
    { numRuns: 300 },
  )
})
