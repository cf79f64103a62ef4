import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AddTrackRequest,
  MuteRoomTrackRequest,
  ParticipantPermission,
  RequestResponse_Reason,
  SimulcastCodec,
  TrackSource,
  TrackType,
  UpdateParticipantRequest,
  VideoLayer,
} from '@livekit/protocol'
import fc from 'fast-check'
import { type OfferedSection, offerOf } from '../../test/harness/offers.ts'
import { RoomsUnderTest } from '../../test/harness/rooms.ts'

let rooms: RoomsUnderTest
before(async () => {
  rooms = await RoomsUnderTest.start()
})
after(() => rooms.stop())

const { AUDIO, VIDEO } = TrackType
const { CAMERA, MICROPHONE, SCREEN_SHARE, SCREEN_SHARE_AUDIO, UNKNOWN } = TrackSource
const microphone = (cid: string, more: Partial<AddTrackRequest> = {}) =>
  new AddTrackRequest({ cid, type: AUDIO, source: MICROPHONE, ...more })

const offered = new Map<string, OfferedSection[]>()

/** Publishes one track on a section more; returns the id the server gave it, undefined when it took none. */
function publish(session: string, request: AddTrackRequest, mid = '0', fmtp = 'minptime=10'): string | undefined {
  rooms.send(session, { case: 'addTrack', value: request })
  const taken = rooms.only(session, 'trackPublished').find(({ cid }) => cid === request.cid)
  const kind = request.type === AUDIO ? 'audio' : 'video'
  const sections = [...(offered.get(session) ?? []), { kind, mid, track: request.cid, fmtp } as const]
  offered.set(session, sections)
  rooms.offer(session, offerOf(sections))
  return taken?.track?.sid
}

const lastOffer = (session: string): string => rooms.only(session, 'offer').at(-1)!.sdp

/** The next offer to a session goes out in a turn of its own. */
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

test('an attendee who publishes under the id of another track neither hides it nor ends it', async () => {
  const organizer = rooms.join('stolen', 'organizer')
  const listener = rooms.join('stolen', 'listener')
  const sid = publish(organizer, microphone('o'))!
  const attendee = rooms.join('stolen', 'attendee')
  const own = publish(attendee, microphone('a', { sid }))
  assert.ok(own !== undefined && own !== sid)
  const late = rooms.join('stolen', 'late')
  await turn()
  assert.ok(lastOffer(late).includes(`|${sid} ${sid}`), 'the organizer is heard')
  rooms.leave(attendee)
  await turn()
  assert.ok(
    rooms
      .people(listener)
      .get('organizer')!
      .tracks.some((track) => track.sid === sid),
  )
})

/** Every line a subscriber's offer may have; ids are the server's own. */
const id = '(PA|TR)_[0-9A-Za-z]{12}'
const allowed = new RegExp(
  `^(?:${[
    'v=0',
    'o=- \\d+ \\d+ IN IP4 127\\.0\\.0\\.1',
    's=-',
    't=0 0',
    'a=(ice-lite|extmap-allow-mixed|msid-semantic: WMS \\*|end-of-candidates|rtcp-mux|rtcp-rsize|sendrecv|sendonly|inactive)',
    'a=group:BUNDLE( \\d+)+',
    'm=(audio|video|application) [09] [A-Z/]+ [\\w -]+',
    'c=IN IP4 0\\.0\\.0\\.0',
    'a=mid:\\d+',
    'a=(ice-ufrag|ice-pwd):[0-9A-Za-z+/]+',
    'a=fingerprint:sha-256 [0-9A-F:]{95}',
    'a=setup:actpass',
    'a=candidate:\\d 1 udp \\d+ 127\\.0\\.0\\.1 \\d+ typ host',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    'a=extmap:\\d+ [\\w:/.#-]+',
    'a=rtpmap:\\d+ \\w+/\\d+(/2)?',
    'a=rtcp-fb:\\d+ (nack|nack pli|ccm fir|transport-cc)',
    'a=fmtp:\\d+ [a-z-]+=[0-9a-f]+(;[a-z-]+=[0-9a-f]+)*',
    `a=msid:${id}\\|${id} ${id}`,
    'a=ssrc-group:FID \\d+ \\d+',
    `a=ssrc:\\d+ (cname:${id}\\.(camera|screen_share|)|msid:${id}\\|${id} ${id})`,
  ].join('|')})$`,
)

test('whatever a client says of its tracks, the others’ SDP has the lines the server writes and no more', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('TR_x\r\na=candidate:1 1 udp 2130706431 198.51.100.7 9 typ host', 'x\ny=1', 'x\ra=ice-lite', 'camera'),
  )
  const request = fc.record({
    cid: text,
    name: text,
    sid: text,
    stream: text,
    codec: text,
    rid: text,
    source: fc.constantFrom(CAMERA, MICROPHONE, SCREEN_SHARE, SCREEN_SHARE_AUDIO, UNKNOWN),
    type: fc.constantFrom(AUDIO, VIDEO),
    fmtp: fc.oneof(
      text.filter((value) => !/[\r\n]/.test(value)),
      fc.constantFrom('minptime=10', 'x=y\ra=candidate:1'),
    ),
  })
  const all: string[] = []
  let round = 0
  await fc.assert(
    fc.asyncProperty(request, async ({ rid, codec, fmtp, ...said }) => {
      const room = `sdp-${round++}`
      const listener = rooms.join(room, 'listener')
      const eve = rooms.join(room, 'eve')
      const layer = new VideoLayer({ rid, quality: 2 })
      const simulcastCodecs = [new SimulcastCodec({ codec, cid: said.cid, layers: [layer] })]
      publish(eve, new AddTrackRequest({ ...said, layers: [layer], simulcastCodecs }), '0', fmtp)
      await turn()
      const late = rooms.join(room, 'late')
      for (const session of [listener, late]) {
        const sdp = lastOffer(session)
        all.push(sdp)
        assert.ok(sdp.endsWith('\r\n'))
        for (const line of sdp.slice(0, -2).split('\r\n')) assert.match(line, allowed)
      }
      for (const track of rooms.people(late).get('eve')!.tracks) {
        assert.match(track.sid, /^TR_[0-9A-Za-z]{12}$/)
        assert.match(track.stream, /^(camera|screen_share|)$/)
        assert.ok(track.name.length <= 256)
        assert.doesNotMatch(track.name, /\p{Cc}/u)
        for (const { rid } of track.layers) assert.equal(rid, '')
        for (const { cid } of track.codecs) assert.equal(cid, '')
      }
      for (const session of [listener, late, eve]) rooms.leave(session)
      rooms.told = []
    }),
    { numRuns: 150, seed: 20_260_801 },
  )
  assert.ok(
    all.some((sdp) => sdp.includes('a=msid:')),
    'some were taken',
  )
})

test('sound comes from a microphone or a shared screen, pictures from a camera or a screen, and from nowhere else', () => {
  const fits = new Set([
    `${AUDIO} ${MICROPHONE}`,
    `${AUDIO} ${SCREEN_SHARE_AUDIO}`,
    `${VIDEO} ${CAMERA}`,
    `${VIDEO} ${SCREEN_SHARE}`,
  ])
  for (const unknown of [AUDIO, VIDEO]) fits.add(`${unknown} ${UNKNOWN}`)
  const session = rooms.join('fit', 'ana')
  for (const type of [AUDIO, VIDEO, TrackType.DATA, 7 as TrackType]) {
    for (const source of [CAMERA, MICROPHONE, SCREEN_SHARE, SCREEN_SHARE_AUDIO, UNKNOWN, 9 as TrackSource]) {
      const cid = `${type} ${source}`
      rooms.send(session, { case: 'addTrack', value: new AddTrackRequest({ cid: cid.replace(' ', '-'), type, source }) })
      const taken = rooms.only(session, 'trackPublished').some((answer) => answer.cid === cid.replace(' ', '-'))
      assert.equal(taken, fits.has(cid), cid)
    }
  }
})

test('rights are asked for source and type: what is forbidden is not sent, whatever it calls itself', () => {
  const names = { microphone: MICROPHONE, camera: CAMERA, screen_share: SCREEN_SHARE, screen_share_audio: SCREEN_SHARE_AUDIO }
  const sources = fc.subarray(Object.keys(names) as (keyof typeof names)[])
  let round = 0
  fc.assert(
    fc.property(
      sources,
      fc.constantFrom(AUDIO, VIDEO),
      fc.constantFrom(UNKNOWN, CAMERA, MICROPHONE, SCREEN_SHARE, SCREEN_SHARE_AUDIO),
      (canPublishSources, type, source) => {
        const room = `rights-${round++}`
        const listener = rooms.join(room, 'listener')
        const eve = rooms.join(room, 'eve', { canPublish: canPublishSources.length > 0, canPublishSources })
        publish(eve, new AddTrackRequest({ cid: 'c', type, source }))
        const [track] = rooms.people(listener).get('eve')!.tracks
        if (track !== undefined) {
          const may = canPublishSources.map((name) => names[name])
          const needed = track.type === AUDIO ? [MICROPHONE, SCREEN_SHARE_AUDIO] : [CAMERA, SCREEN_SHARE]
          if (track.source === UNKNOWN) for (const each of Object.values(names)) assert.ok(may.includes(each))
          else assert.ok(may.includes(track.source) && needed.includes(track.source))
        } else {
          const answer = rooms.only(eve, 'requestResponse')[0]
          assert.equal(answer?.reason, RequestResponse_Reason.NOT_ALLOWED)
        }
        for (const session of [listener, eve]) rooms.leave(session)
        rooms.told = []
      },
    ),
    { numRuns: 150, seed: 20_260_802 },
  )
})

test('a mute by the server acts on all sound of the person', () => {
  const listener = rooms.join('mute', 'listener')
  const eve = rooms.join('mute', 'eve')
  const sids = [
    publish(eve, microphone('m'), '0'),
    publish(eve, new AddTrackRequest({ cid: 's', type: AUDIO, source: SCREEN_SHARE_AUDIO }), '1'),
    publish(eve, new AddTrackRequest({ cid: 'u', type: AUDIO, source: UNKNOWN }), '2'),
    publish(eve, new AddTrackRequest({ cid: 'c', type: VIDEO, source: CAMERA }), '3'),
  ]
  rooms.call('MutePublishedTrack', new MuteRoomTrackRequest({ room: 'mute', identity: 'eve', trackSid: sids[0]!, muted: true }))
  const muted = rooms
    .people(listener)
    .get('eve')!
    .tracks.filter((track) => track.muted)
  assert.deepEqual(muted.map(({ sid }) => sid).sort(), sids.slice(0, 3).sort())
  assert.equal(rooms.only(eve, 'mute').length, 3, 'and the client is told')
})

test('a track taken before a right was is ended with it, announced or published', () => {
  const listener = rooms.join('taken', 'listener')
  const eve = rooms.join('taken', 'eve')
  publish(eve, new AddTrackRequest({ cid: 'u', type: AUDIO, source: UNKNOWN }), '0')
  rooms.send(eve, { case: 'addTrack', value: new AddTrackRequest({ cid: 'later', type: AUDIO, source: UNKNOWN }) })
  const permission = new ParticipantPermission({ canPublish: true, canPublishSources: [CAMERA], canSubscribe: true })
  rooms.call('UpdateParticipant', new UpdateParticipantRequest({ room: 'taken', identity: 'eve', permission }))
  assert.deepEqual(rooms.people(listener).get('eve')!.tracks, [])
  rooms.offer(eve, offerOf([{ mid: '1', track: 'later' }]))
  assert.deepEqual(rooms.people(listener).get('eve')!.tracks, [])
})

test('one person has so many tracks and no more', () => {
  const eve = rooms.join('many', 'eve')
  for (let i = 0; i < 50; i++) rooms.send(eve, { case: 'addTrack', value: microphone(`c${i}`) })
  assert.equal(rooms.only(eve, 'trackPublished').length, 16)
  assert.equal(rooms.only(eve, 'requestResponse').at(-1)!.reason, RequestResponse_Reason.LIMIT_EXCEEDED)
})

test('a section keeps its kind: sound does not come on one that was negotiated for pictures', () => {
  const listener = rooms.join('kind', 'listener')
  const eve = rooms.join('kind', 'eve')
  publish(eve, new AddTrackRequest({ cid: 'c', type: VIDEO, source: CAMERA }), '0')
  rooms.offer(eve, offerOf([{ kind: 'audio', mid: '0', track: 'c' }]))
  const [track] = rooms.people(listener).get('eve')!.tracks
  assert.ok(track === undefined || track.mimeType.startsWith('video/'))
})
