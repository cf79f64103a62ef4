import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  AddTrackRequest,
  DataChannelInfo,
  MuteTrackRequest,
  SessionDescription,
  SignalRequest,
  SimulateScenario,
  SubscriptionPermission,
  SyncState,
  type TrackSource,
  type TrackType,
  TrickleRequest,
  UpdateParticipantMetadata,
  UpdateSubscription,
  UpdateTrackSettings,
} from '@livekit/protocol'
import type { Target } from './campaign.ts'
import { HttpFeeder } from './http.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import type { Random } from './random.ts'

/** An offer as a browser writes one; every value is invented. */
const offer = [
  ...[
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1 2',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
  ],
  ...[
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  ],
  ...[
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
  ],
  ...[
    'a=max-message-size:262144',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0',
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
  ],
  ...[
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    'a=mid:1',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=sendonly',
    'a=msid:- track-a',
    'a=rtcp-mux',
  ],
  ...[
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:63 red/48000/2',
    'a=fmtp:63 111/111',
  ],
  ...[
    'a=ssrc:1234 cname:x',
    'a=ssrc:1234 msid:- track-a',
    'm=video 0 UDP/TLS/RTP/SAVPF 96 97 45',
    'c=IN IP4 0.0.0.0',
    'a=bundle-only',
    'a=mid:2',
    'a=sendrecv',
  ],
  ...['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack pli', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', 'a=rtpmap:45 H264/90000'],
  ...[
    'a=fmtp:45 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    'a=rid:q send',
    'a=rid:h send',
    'a=simulcast:send q;h',
    '',
  ],
].join('\r\n')

const candidate =
  '{"candidate":"candidate:1 1 udp 2130706431 127.0.0.1 9 typ host generation 0 ufrag abcd","sdpMid":"0","sdpMLineIndex":0}'

type Message = SignalRequest['message']

/** One message of the protocol, with members no client of LiveKit's would send. */
function messageOf(random: Random): Message {
  const text = (some: string) => (random.chance(2) ? some : mutateText(random, some, random.chance(20) ? 50_000 : 300))
  const sid = () => text('TR_abcdefghijkl')
  const makers: (() => Message)[] = [
    () => ({
      case: 'offer',
      value: new SessionDescription({ type: text('offer'), sdp: mutateText(random, offer, 20_000), id: 1 }),
    }),
    () => ({
      case: 'answer',
      value: new SessionDescription({ type: text('answer'), sdp: mutateText(random, offer, 20_000), id: 1 }),
    }),
    () => ({
      case: 'trickle',
      value: new TrickleRequest({ candidateInit: text(candidate), target: random.below(3), final: random.chance(2) }),
    }),
    () => ({
      case: 'addTrack',
      value: new AddTrackRequest({
        ...{
          cid: text('cid'),
          name: text('name'),
          sid: sid(),
          stream: text('stream'),
          width: random.below(9_999),
          height: random.below(9_999),
        },
        ...{ type: random.below(5) as TrackType, source: random.below(7) as TrackSource, encryption: random.below(4) },
        layers: Array.from({ length: random.below(random.chance(10) ? 400 : 5) }, (_, n) => ({
          quality: n % 5,
          width: n,
          height: n,
          bitrate: n,
          ssrc: n,
        })),
        simulcastCodecs: Array.from({ length: random.below(4) }, () => ({ codec: text('vp8'), cid: text('cid') })),
      }),
    }),
    () => ({ case: 'mute', value: new MuteTrackRequest({ sid: sid(), muted: random.chance(2) }) }),
    () => ({
      case: 'subscription',
      value: new UpdateSubscription({ trackSids: Array.from({ length: random.below(60) }, sid), subscribe: random.chance(2) }),
    }),
    () => ({
      case: 'trackSetting',
      value: new UpdateTrackSettings({
        trackSids: [sid()],
        disabled: random.chance(2),
        quality: random.below(5),
        width: random.below(99_999),
      }),
    }),
    () => ({
      case: 'subscriptionPermission',
      value: new SubscriptionPermission({
        allParticipants: random.chance(2),
        trackPermissions: Array.from({ length: random.below(30) }, () => ({
          participantSid: text('PA_x'),
          participantIdentity: text('x'),
          trackSids: [sid()],
        })),
      }),
    }),
    () => ({
      case: 'syncState',
      value: new SyncState({ dataChannels: [new DataChannelInfo({ label: text('_reliable'), id: random.below(70_000) })] }),
    }),
    () => ({
      case: 'simulate',
      value: new SimulateScenario({ scenario: { case: 'speakerUpdate', value: random.below(2 ** 31) } }),
    }),
    () => ({
      case: 'updateMetadata',
      value: new UpdateParticipantMetadata({ metadata: text('{}'), name: text('name'), attributes: { [text('a')]: text('b') } }),
    }),
    () => ({ case: 'ping', value: BigInt(random.below(2 ** 31)) }),
  ]
  return random.pick(makers)()
}

interface Way {
  url: string
  token: string
}

/** The signalling of the media room, as somebody who was let in: messages by the protocol, and bytes that only resemble it. */
export async function signalTarget(origin: string, threadId: string): Promise<Target & { close(): void }> {
  const feeder = new HttpFeeder(origin, 2)
  let way: Way | undefined
  let socket: WebSocket | undefined
  let left = 0
  const enter = async (): Promise<Way> => {
    const got = await feeder.feed({
      ...{ method: 'POST', path: '/api/door/ask', headers: { 'content-type': 'application/json', 'x-parley-csrf': '1' } },
      body: JSON.stringify({ link: { threadId, messageId: '0' }, name: 'Fuzz' }),
    })
    const { media } = JSON.parse(got!.text) as { media?: Way }
    assert.ok(media !== undefined, got!.text)
    return media
  }
  const open = async (): Promise<WebSocket> => {
    socket?.close()
    // Tokens live for minutes; one serves some hundred connections.
    if (way === undefined || left <= 0) [way, left] = [await enter(), 200]
    left--
    const next = new WebSocket(`${way.url}/rtc?access_token=${way.token}&protocol=16&sdk=js&version=2.23.0&auto_subscribe=1`)
    next.binaryType = 'arraybuffer'
    await new Promise<void>((resolve, reject) => {
      next.addEventListener('message', () => resolve(), { once: true })
      next.addEventListener(
        'close',
        (event) => reject(new Error(`closed before its join answer: ${event.code} ${event.reason}`)),
        { once: true },
      )
      next.addEventListener('error', () => reject(new Error('not let in')), { once: true })
    })
    return next
  }
  return {
    ...{ name: 'signal', lanes: 1 },
    feed: async (random, index) => {
      // A rude client is sent away sooner or later, and comes back as any client would.
      if (socket === undefined || socket.readyState !== WebSocket.OPEN || index % 100 === 0) socket = await open()
      const bytes = new SignalRequest({ message: messageOf(random) }).toBinary()
      socket.send(random.chance(4) ? mutateBytes(random, bytes, 60_000) : bytes)
      if (index % 20 === 19) await drained(socket)
    },
    isWell: async () => {
      socket = await open()
      await feeder.isWell()
    },
    close: () => {
      socket?.close()
      feeder.close()
    },
  }
}

/** Resolves when everything sent has left this process, or the other side has had enough. */
async function drained(socket: WebSocket): Promise<void> {
  while (socket.bufferedAmount > 0 && socket.readyState === WebSocket.OPEN) await new Promise((resolve) => setImmediate(resolve))
}

/** Datagrams at the media port: STUN, DTLS, RTP and RTCP in their outward form, true to length and not. */
export async function datagramTarget(port: number, isWell: () => Promise<void>): Promise<Target & { close(): void }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const stun = Buffer.from(
    '000100442112a442000102030405060708090a0b000600096162636465666768690000000024000400ffffff80290008000000000000000a002500008028000412345678',
    'hex',
  )
  const dtls = Buffer.from(`16feff0000000000000000002b0100001f000000000000001ffefd${'00'.repeat(40)}`, 'hex')
  const rtp = Buffer.from(`90ef123400000000000004d2bede000110ff0000${'00'.repeat(60)}`, 'hex')
  const rtcp = Buffer.from('80c9000100000001' + '81cd000300000001000004d200010001', 'hex')
  return {
    ...{ name: 'datagrams', lanes: 1 },
    feed: async (random, index) => {
      const bytes = random.chance(6)
        ? random.bytes(random.below(1_500))
        : mutateBytes(random, random.pick([stun, dtls, rtp, rtcp]), 1_500)
      await new Promise<void>((resolve, reject) =>
        socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
      )
      if (index % 500 === 499) await isWell()
    },
    isWell,
    close: () => socket.close(),
  }
}
