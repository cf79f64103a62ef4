import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PayloadTypes, publishCodecs, subscribeCodecs } from './codecs.ts'
import { parseSdp, SdpError } from './parse.ts'
import { type LocalSection, writeSdp } from './write.ts'

const fingerprint = Array(32).fill('AB').join(':')
const offer = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1 2',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=mid:0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuv',
  `a=fingerprint:sha-256 ${fingerprint}`,
  'a=setup:actpass',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'a=mid:1',
  'a=sendonly',
  'a=msid:s1 t1',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=ssrc:5 cname:x',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103',
  'a=mid:2',
  'a=sendonly',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack pli',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
  'a=rid:q send',
  'a=rid:h send',
  'a=simulcast:send q;h',
  '',
].join('\r\n')

test('an offer is read into what a server needs', () => {
  const session = parseSdp(offer)
  assert.equal(session.ufrag, 'abcd')
  assert.equal(session.fingerprint, fingerprint)
  const [data, audio, video] = session.sections
  assert.equal(data!.kind, 'application')
  assert.deepEqual(audio!.msid, { stream: 's1', track: 't1' })
  assert.deepEqual(audio!.ssrcs, [5])
  assert.deepEqual(video!.rids, ['q', 'h'])
  assert.equal(video!.codecs[2]!.name, 'h264')
})

test('only the codec asked for is accepted, with its RTX', () => {
  const [, audio, video] = parseSdp(offer).sections
  const wishes = { codec: 'h264', red: true, dtx: true, stereo: false }
  assert.deepEqual(
    publishCodecs(video!, wishes).map(({ payloadType }) => payloadType),
    [102, 103],
  )
  assert.deepEqual(
    publishCodecs(audio!, wishes).map(({ name }) => name),
    ['red', 'opus'],
  )
  assert.deepEqual(
    publishCodecs(audio!, { ...wishes, red: false }).map(({ name }) => name),
    ['opus'],
  )
  assert.deepEqual(subscribeCodecs(video!, 'vp9', ''), [])
})

test('a payload type always means the same codec', () => {
  const types = new PayloadTypes()
  const first = types.offer('vp8', '', 90000, 1)
  const other = types.offer('h264', 'packetization-mode=1;profile-level-id=42e01f', 90000, 1)
  assert.deepEqual(types.offer('vp8', '', 90000, 1), first)
  assert.notEqual(other[0]!.payloadType, first[0]!.payloadType)
})

test('what is written can be read again', () => {
  const sections: LocalSection[] = [
    {
      kind: 'application',
      mid: '0',
      direction: 'sendrecv',
      rejected: false,
      codecs: [],
      extensions: [],
      rids: [],
      sending: undefined,
    },
    {
      kind: 'video',
      mid: 'v',
      direction: 'sendonly',
      rejected: false,
      codecs: new PayloadTypes().offer('vp8', '', 90000, 1),
      extensions: [{ id: 3, uri: 'urn:x' }],
      rids: [],
      sending: { stream: 'PA_a|TR_b', track: 'TR_b', ssrc: 7, rtxSsrc: 8, cname: 'c' },
    },
  ]
  const transport = {
    ufrag: 'abcd',
    password: 'abcdefghijklmnopqrstuv',
    fingerprint,
    setup: 'active' as const,
    candidates: [{ address: '127.0.0.1', port: 5 }],
    sessionId: '1',
    version: 1,
  }
  const [, video] = parseSdp(writeSdp(transport, sections)).sections
  assert.deepEqual(video!.msid, { stream: 'PA_a|TR_b', track: 'TR_b' })
  assert.deepEqual(video!.repairs, [{ primary: 7, rtx: 8 }])
  assert.equal(video!.direction, 'sendonly')
})

test('whatever is thrown at the parser, it answers or refuses with SdpError', () => {
  const lines = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(...offer.split('\r\n')),
      fc.string().map((s) => `a=${s}`),
      fc.string().map((s) => `m=${s}`),
    ),
  )
  fc.assert(
    fc.property(lines, (all) => {
      try {
        parseSdp(all.join('\n'))
      } catch (error) {
        assert.ok(error instanceof SdpError, String(error))
      }
    }),
    { numRuns: 500 },
  )
})

test('a mutated offer never yields credentials with line breaks in them', () => {
  fc.assert(
    fc.property(fc.nat(offer.length - 1), fc.string({ minLength: 1, maxLength: 5 }), (at, text) => {
      try {
        const session = parseSdp(offer.slice(0, at) + text + offer.slice(at + 1))
        for (const value of [session.ufrag, session.password, session.fingerprint]) assert.doesNotMatch(value, /[\r\n ]/)
      } catch (error) {
        assert.ok(error instanceof SdpError, String(error))
      }
    }),
    { numRuns: 500 },
  )
})

test('a telephone publishes PCMU where it asks for it, and is offered so to the others', () => {
  const section = parseSdp(offer.replace('SAVPF 111 63', 'SAVPF 0 111').replace('a=mid:1', 'a=mid:1\r\na=rtpmap:0 PCMU/8000'))
    .sections[1]!
  const wishes = { codec: 'pcmu', red: false, dtx: true, stereo: false }
  assert.deepEqual(
    publishCodecs(section, wishes).map(({ name, payloadType }) => [name, payloadType]),
    [['pcmu', 0]],
  )
  assert.equal(publishCodecs(section, { ...wishes, codec: '' })[0]!.name, 'opus')
  assert.deepEqual(
    subscribeCodecs(section, 'pcmu', '').map(({ payloadType }) => payloadType),
    [0],
  )
  assert.deepEqual(
    new PayloadTypes()
      .offer('pcmu', '', 48000, 2)
      .map(({ payloadType, clockRate, channels }) => [payloadType, clockRate, channels]),
    [[0, 8000, 1]],
  )
})
