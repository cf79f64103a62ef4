import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSdp } from './parse.ts'

const FINGERPRINT = Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':')

/** An offer in Firefox's way: fingerprint for the session, attributes by the alphabet, port 0 and bundle-only from the second section on. */
const firefox = [
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-140.0 4611732000000000001 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  'a=group:BUNDLE 0 1 2',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101',
  'c=IN IP4 0.0.0.0',
  'a=sendonly',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level',
  'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
  'a=fmtp:101 0-15',
  'a=ice-pwd:0123456789abcdef0123456789abcdef',
  'a=ice-ufrag:1a2b3c4d',
  'a=mid:0',
  'a=msid:{11111111-2222-4333-8444-555555555555} {66666666-7777-4888-9999-aaaaaaaaaaaa}',
  'a=rtcp-mux',
  'a=rtpmap:109 opus/48000/2',
  'a=rtpmap:9 G722/8000/1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000/1',
  'a=setup:actpass',
  'a=ssrc:1001 cname:{bbbbbbbb-cccc-4ddd-8eee-ffffffffffff}',
  'm=video 0 UDP/TLS/RTP/SAVPF 120 124',
  'c=IN IP4 0.0.0.0',
  'a=bundle-only',
  'a=sendonly',
  'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:8/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'a=fmtp:120 max-fs=12288;max-fr=60',
  'a=fmtp:124 apt=120',
  'a=mid:1',
  'a=msid:- {12121212-3434-4565-8787-909090909090}',
  'a=rid:q send',
  'a=rid:h send',
  'a=rtcp-fb:120 nack',
  'a=rtcp-fb:120 nack pli',
  'a=rtcp-fb:120 transport-cc',
  'a=rtcp-mux',
  'a=rtpmap:120 VP8/90000',
  'a=rtpmap:124 rtx/90000',
  'a=setup:actpass',
  'a=simulcast:send q;h',
  'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=bundle-only',
  'a=sendrecv',
  'a=mid:2',
  'a=setup:actpass',
  'a=sctp-port:5000',
  'a=max-message-size:1073741823',
]
const parse = (lines: string[]) => parseSdp(`${lines.join('\r\n')}\r\n`)
const rejected = (lines: string[]) => parse(lines).sections.map((section) => section.rejected)
const change = (from: string | RegExp, to: string, lines = firefox) => lines.map((line) => line.replace(from, to))

test('sections of an offer with port 0 and bundle-only are members of the bundle, not rejected', () => {
  const session = parse(firefox)
  assert.deepEqual(
    session.sections.map((section) => [section.kind, section.rejected, section.direction]),
    [
      ['audio', false, 'sendonly'],
      ['video', false, 'sendonly'],
      ['application', false, 'sendrecv'],
    ],
  )
  assert.deepEqual([session.ufrag, session.fingerprint, session.setup], ['1a2b3c4d', FINGERPRINT, 'actpass'])
  const [audio, video] = session.sections
  assert.equal(audio!.codecs[0]!.fmtp, 'maxplaybackrate=48000;stereo=1;useinbandfec=1')
  assert.deepEqual(video!.rids, ['q', 'h'])
  assert.equal(video!.msid?.track, '{12121212-3434-4565-8787-909090909090}')
})

test('port 0 without bundle-only, and bundle-only outside the group, is a rejected section', () => {
  assert.deepEqual(rejected(firefox.filter((line) => line !== 'a=bundle-only')), [false, true, true])
  assert.deepEqual(rejected(change('BUNDLE 0 1 2', 'BUNDLE 0 2')), [false, true, false])
  assert.deepEqual(rejected(change('BUNDLE 0 1 2', 'LS 0 1 2')), [false, true, true])
  // RFC 9143 section 6: beside a port the attribute says nothing.
  assert.deepEqual(rejected(change(/^m=video 0/, 'm=video 9')), [false, false, false])
  assert.deepEqual(rejected(change(/^m=video 0/, 'm=video 9', change('BUNDLE 0 1 2', 'BUNDLE 0 2'))), [false, true, false])
})

test('of sections outside the group, or without one, we can carry none but the first', () => {
  const ports = change(/^m=(\w+) 0/, 'm=$1 9').filter((line) => line !== 'a=bundle-only')
  assert.deepEqual(rejected(ports), [false, false, false])
  assert.deepEqual(rejected(change('BUNDLE 0 1 2', 'BUNDLE 1 2', ports)), [true, false, false])
  const none = ports.filter((line) => !line.startsWith('a=group'))
  assert.deepEqual(rejected(none), [false, true, true])
  assert.equal(parse(none).isBundled, false)
})

test('the transport is that of the section the group names first, whatever rejected ones say', () => {
  const [head, audio, video, data] = ['v=', 'm=audio', 'm=video', 'm=application'].map((start, i, starts) => {
    const from = firefox.findIndex((line) => line.startsWith(start))
    const to = firefox.findIndex((line) => line.startsWith(starts[i + 1] ?? 'none'))
    return firefox.slice(from, to < 0 ? undefined : to)
  }) as [string[], string[], string[], string[]]
  const stopped = [...change('m=audio 9', 'm=audio 0', audio), 'a=inactive']
  const tagged = [...change('m=video 0', 'm=video 9', video), 'a=ice-ufrag:ZZZZ', 'a=ice-pwd:0123456789ABCDEF0123456789']
  const session = parse([...change('BUNDLE 0 1 2', 'BUNDLE 1 2', head), ...stopped, ...tagged, ...data])
  assert.deepEqual([session.ufrag, session.sections.map((section) => section.rejected)], ['ZZZZ', [true, false, false]])
  const later = parse([...change('BUNDLE 0 1 2', 'BUNDLE 1 0', head), ...audio, ...tagged, ...data])
  assert.equal(later.ufrag, 'ZZZZ', 'the first of the group need not be the first of the description')
})

test('attributes of the session are defaults of its sections', () => {
  const lines = firefox.filter((line) => !/^a=(send|recv|inactive)/.test(line))
  lines.splice(5, 0, 'a=recvonly', 'a=extmap:7 urn:x')
  const [audio, video, data] = parse(lines).sections
  assert.deepEqual([audio!.direction, video!.direction], ['recvonly', 'recvonly'])
  assert.ok([audio, video].every((section) => section!.extensions.some(({ uri }) => uri === 'urn:x')))
  assert.deepEqual(data!.extensions, [])
})

test('the order of the lines of a section makes no difference', () => {
  const at = firefox.findIndex((line) => line.startsWith('m=video'))
  const end = firefox.findIndex((line) => line.startsWith('m=application'))
  const body = firefox.slice(at + 2, end)
  const read = (lines: string[]) => {
    const video = parse([...firefox.slice(0, at + 2), ...lines, ...firefox.slice(end)]).sections[1]!
    video.rids.sort()
    video.extensions.sort((a, b) => a.id - b.id)
    for (const codec of video.codecs) codec.feedback.sort()
    return video
  }
  fc.assert(
    fc.property(fc.shuffledSubarray(body, { minLength: body.length }), (lines) => assert.deepEqual(read(lines), read(body))),
    { numRuns: 100, seed: 20_260_807 },
  )
})
