import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AddTrackRequest,
  DataPacket,
  MuteTrackRequest,
  SubscriptionPermission,
  TrackPermission,
  TrackSource,
  TrackType,
  UpdateLocalAudioTrack,
  UpdateParticipantMetadata,
  UpdateSubscription,
  UpdateTrackSettings,
  UpdateVideoLayers,
  UserPacket,
  VideoLayer,
} from '@livekit/protocol'
import fc from 'fast-check'
import { offerOf } from '../../test/harness/offers.ts'
import { type ClientMessage, RoomsUnderTest } from '../../test/harness/rooms.ts'
import { LOSSY, RELIABLE } from './data-link.ts'
import { DataUplink } from './data-uplink.ts'
import { Rates } from './rates.ts'

let rooms: RoomsUnderTest
before(async () => {
  rooms = await RoomsUnderTest.start()
})
after(() => rooms.stop())

function publish(session: string, name = ''): string {
  const request = new AddTrackRequest({
    cid: 'c',
    type: TrackType.VIDEO,
    source: TrackSource.CAMERA,
    name,
    width: 64,
    height: 64,
  })
  rooms.send(session, { case: 'addTrack', value: request })
  rooms.offer(session, offerOf([{ kind: 'video', mid: '0', track: 'c' }]))
  return rooms.only(session, 'trackPublished')[0]!.track!.sid
}

/** Bytes that went to the clients since `from`. */
const bytesSince = (from: number): number =>
  rooms.told.slice(from).reduce((sum, message) => sum + (message.kind === 'signal' ? message.data.length : 0), 0)
const malformed = (session: string): number =>
  rooms.told.filter((message) => message.kind === 'log' && (message.fields as { session?: string }).session === session).length

test('no message a client can send over and over makes much more of itself, and its last state arrives', async () => {
  const sid = () => fc.constantFrom('TR_known', 'TR_other')
  const repeated: fc.Arbitrary<(sid: string, i: number) => ClientMessage> = fc.oneof(
    fc.constant(
      (sid: string, i: number) => ({ case: 'mute', value: new MuteTrackRequest({ sid, muted: i % 2 === 0 }) }) as const,
    ),
    fc.constant(() => ({ case: 'ping', value: 1n }) as const),
    fc.constant(
      (trackSid: string, i: number) =>
        ({
          case: 'updateLayers',
          value: new UpdateVideoLayers({ trackSid, layers: [new VideoLayer({ quality: 2, width: i, height: i })] }),
        }) as const,
    ),
    fc.constant(
      (trackSid: string, i: number) =>
        ({ case: 'updateAudioTrack', value: new UpdateLocalAudioTrack({ trackSid, features: [i % 7] }) }) as const,
    ),
    fc.constant(
      (_sid: string, i: number) =>
        ({ case: 'updateMetadata', value: new UpdateParticipantMetadata({ name: `eve ${i}`, requestId: i }) }) as const,
    ),
    fc.constant(
      (_sid: string, i: number) =>
        ({
          case: 'subscriptionPermission',
          value: new SubscriptionPermission({ allParticipants: i % 2 === 0 }),
        }) as const,
    ),
    sid().map(
      (other) => (sid: string, i: number) =>
        ({
          case: 'subscription',
          value: new UpdateSubscription({ trackSids: [sid, other], subscribe: i % 2 === 0 }),
        }) as const,
    ),
    fc.constant((sid: string) => ({ case: 'trackSetting', value: new UpdateTrackSettings({ trackSids: [sid] }) }) as const),
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(repeated, async (make) => {
      const room = `flood-${round++}`
      const listeners = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => rooms.join(room, name))
      const eve = rooms.join(room, 'eve', { canUpdateOwnMetadata: true })
      const sid = publish(eve, 'n'.repeat(256))
      const from = rooms.told.length
      for (let i = 0; i < 2_000; i++) rooms.send(eve, make(sid, i))
      assert.ok(bytesSince(from) < 200_000, `${bytesSince(from)} bytes`)
      for (const session of [...listeners, eve]) rooms.leave(session)
      rooms.told = []
    }),
    { numRuns: 24, seed: 20_260_804 },
  )
})

test('of many mutes in a row others learn the last', async () => {
  const listener = rooms.join('last', 'listener')
  const eve = rooms.join('last', 'eve')
  const sid = publish(eve)
  for (let i = 0; i <= 200; i++) rooms.send(eve, { case: 'mute', value: new MuteTrackRequest({ sid, muted: i % 2 === 0 }) })
  const { participants } = rooms.worker.get('last')!
  assert.equal(participants.get('eve')!.tracks.get(sid)!.media!.isMuted, true, 'it acts at once')
  rooms.worker.get('last')!.tick(performance.now() + 60_000)
  assert.equal(rooms.people(listener).get('eve')!.tracks[0]!.muted, true)
})

test('lists longer than a client needs and messages larger than their kind are refused, each by name', () => {
  const ids = Array.from({ length: 70_000 }, (_, i) => `TR_${i}`)
  const layers = Array.from({ length: 17 }, () => new VideoLayer({ quality: 1 }))
  const wrong: ClientMessage[] = [
    { case: 'subscription', value: new UpdateSubscription({ trackSids: ids.slice(0, 2_001) }) },
    { case: 'subscription', value: new UpdateSubscription({ participantTracks: [{ participantSid: '', trackSids: ids }] }) },
    { case: 'trackSetting', value: new UpdateTrackSettings({ trackSids: ids.slice(0, 2_001) }) },
    { case: 'updateLayers', value: new UpdateVideoLayers({ layers }) },
    { case: 'updateAudioTrack', value: new UpdateLocalAudioTrack({ features: layers.map(() => 1) }) },
    {
      case: 'subscriptionPermission',
      value: new SubscriptionPermission({ trackPermissions: [new TrackPermission({ trackSids: ids.slice(0, 2_000) })] }),
    },
    { case: 'updateMetadata', value: new UpdateParticipantMetadata({ metadata: 'x'.repeat(200_000) }) },
  ]
  for (const [i, message] of wrong.entries()) {
    const eve = rooms.join('lists', `eve-${i}`, { canUpdateOwnMetadata: true })
    rooms.send(eve, message)
    assert.equal(malformed(eve), 1, String(message.case))
  }
})

test('a track is not taken with a name, an id or a list that is too long', () => {
  const eve = rooms.join('long', 'eve')
  const base = { cid: 'c', type: TrackType.AUDIO, source: TrackSource.MICROPHONE }
  for (const more of [
    { name: 'n'.repeat(257) },
    { cid: 'c'.repeat(257) },
    { audioFeatures: Array.from({ length: 17 }, () => 1) },
    { layers: Array.from({ length: 17 }, () => new VideoLayer()) },
    { name: 'a\nb' },
    { cid: '' },
  ])
    rooms.send(eve, { case: 'addTrack', value: new AddTrackRequest({ ...base, ...more }) })
  assert.equal(rooms.only(eve, 'trackPublished').length, 0)
  assert.equal(rooms.only(eve, 'requestResponse').length, 6)
})

test('ids of tracks that are not there are not remembered, and those of tracks that were are forgotten', () => {
  const ana = rooms.join('unwanted', 'ana')
  const eve = rooms.join('unwanted', 'eve')
  const sid = publish(ana)
  const trackSids = [sid, ...Array.from({ length: 1_900 }, (_, i) => `TR_${i}`)]
  rooms.send(eve, { case: 'subscription', value: new UpdateSubscription({ trackSids, subscribe: false }) })
  const { unwanted } = rooms.worker.get('unwanted')!.participants.get('eve')!
  assert.deepEqual([...unwanted], [sid])
  rooms.leave(ana)
  assert.equal(unwanted.size, 0)
})

test('numbers that fit no field of the protocol do not end the worker', () => {
  const listener = rooms.join('numbers', 'listener')
  for (const clientProtocol of [1.5, 1e99, Number.NaN, -1]) rooms.join('numbers', 'eve', {}, { clientProtocol })
  assert.equal(rooms.isEnded(listener), false)
  rooms.join('numbers', 'ben')
  assert.ok(rooms.people(listener).has('ben'))
})

test('data beyond the rate is dropped, whatever its kind and size, and who does not stop is sent away', () => {
  const sizes = [1, 1_000, 200_000]
  const encoded = new Map(
    sizes.map((size) => {
      const value = new UserPacket({ payload: new Uint8Array(size) })
      return [size, Buffer.from(new DataPacket({ value: { case: 'user', value } }).toBinary())]
    }),
  )
  const packet = fc.record({
    label: fc.constantFrom(RELIABLE, LOSSY, 'other'),
    bytes: fc.constantFrom(...sizes),
    gap: fc.constantFrom(0, 0, 0, 1),
  })
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 6 }), (kinds) => {
      const passed = { packets: 0, bytes: 0, user: 0, exceeded: 0 }
      const uplink = new DataUplink(new Rates(), {
        packet: (_packet, label) => {
          passed.packets++
          if (label === RELIABLE) passed.user++
        },
        malformed: () => assert.fail(),
        exceeded: () => passed.exceeded++,
        flooded: () => {},
      })
      let now = 1_000
      let bytes = 0
      for (let i = 0; i < 3_000; i++) {
        const { label, bytes: size, gap } = kinds[i % kinds.length]!
        now += gap
        const before = passed.packets
        uplink.receive(label, encoded.get(size)!, now)
        if (passed.packets > before) bytes += size
      }
      const seconds = (now - 1_000) / 1_000
      assert.ok(passed.packets <= 1_000 + 200 * seconds + 1)
      assert.ok(passed.user <= 150 + 30 * seconds + 1)
      assert.ok(bytes <= 12_000_000 + 1_000_000 * seconds)
      assert.ok(passed.exceeded <= 1)
    }),
    { numRuns: 10, seed: 20_260_805 },
  )
  let isFlooded = false
  const flood = new DataUplink(new Rates(), {
    packet: () => {},
    malformed: () => {},
    exceeded: () => {},
    flooded: () => {
      isFlooded = true
    },
  })
  for (let i = 0; i < 22_000; i++) flood.receive(LOSSY, Buffer.from([0]), 1)
  assert.ok(isFlooded)
})
