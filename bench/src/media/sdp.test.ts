import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint, publisherOffer, subscriberAnswer } from './sdp.ts'

const own = { ufrag: 'abcd', password: 'p'.repeat(24), fingerprint: 'sha-256 AA', setup: 'active', candidates: [] }

test('an offer reads back as its endpoint', () => {
  const offer = publisherOffer(own, [
    {
      mid: '0',
      cid: 'cam',
      audio: false,
      streams: [
        { ssrc: 1, rid: 'q' },
        { ssrc: 2, rid: 'f' },
      ],
    },
  ])
  assert.deepEqual(endpoint(offer), { ...own, setup: 'actpass' })
  assert.match(offer, /a=simulcast:send q;f\r\n/)
})

test('an answer takes every section, VP8 and Opus alone, without transport-wide feedback', () => {
  const offer = [
    'v=0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'a=mid:0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 98',
    'a=mid:1',
    'a=rtpmap:96 VP8/90000',
    'a=rtcp-fb:96 nack',
    'a=rtcp-fb:96 transport-cc',
    'a=rtpmap:98 H264/90000',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  ].join('\r\n')
  const answer = subscriberAnswer(own, offer)
  assert.match(answer, /m=video 9 UDP\/TLS\/RTP\/SAVPF 96\r\n/)
  assert.match(answer, /a=group:BUNDLE 0 1\r\n/)
  assert.doesNotMatch(answer, /transport-cc|H264/)
  assert.match(answer, /a=rtcp-fb:96 nack\r\n/)
})
