import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AnswerError, type LocalSection, parseAnswer, payloadTypes, transportAnswer, writeOffer } from './sdp.ts'

const transport = {
  ufrag: 'abcd',
  password: 'abcdefghijklmnopqrstuvwx',
  fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
}

const answer = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=ice-lite',
  'm=audio 9 UDP/TLS/RTP/SAVPF 0 111',
  'a=mid:0',
  'a=ice-ufrag:efgh',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:${transport.fingerprint}`,
  'a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host',
  'a=recvonly',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:111 opus/48000/2',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:1',
  'a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host',
  'a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
  'a=ssrc:77 cname:x',
  'a=ssrc:77 msid:s t',
  'm=audio 0 UDP/TLS/RTP/SAVPF 0',
  'a=mid:2',
  'm=audio 9 UDP/TLS/RTP/SAVPF 0',
  'a=mid:3',
  'a=inactive',
].join('\r\n')

test('an answer says where the far end is, what it takes and what it sends', () => {
  const read = parseAnswer(answer)
  assert.equal(read.transport.ufrag, 'efgh')
  assert.equal(read.transport.lite, true)
  assert.deepEqual(read.transport.candidates, ['candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host'])
  assert.deepEqual(
    read.sections.map(({ mid, active, ssrc, level }) => ({ mid, active, ssrc, level })),
    [
      { mid: '0', active: true, ssrc: 0, level: 0 },
      { mid: '1', active: true, ssrc: 77, level: 3 },
      { mid: '2', active: false, ssrc: 0, level: 0 },
      { mid: '3', active: false, ssrc: 0, level: 0 },
    ],
  )
  assert.deepEqual(
    [...read.sections[0]!.payloads],
    [
      [0, 'PCMU'],
      [111, 'opus'],
    ],
  )
})

test('an offer names every section, and can be read as an answer', () => {
  const section = fc.oneof(
    fc.record({
      kind: fc.constant('microphone' as const),
      codec: fc.constantFrom('PCMU' as const, 'opus' as const),
      cid: fc.constantFrom('c1', 'c2'),
      ssrc: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    }),
    fc.constantFrom<LocalSection>({ kind: 'receiver' }, { kind: 'idle' }),
  )
  fc.assert(
    fc.property(fc.array(section, { minLength: 1, maxLength: 5 }), (sections) => {
      const read = parseAnswer(writeOffer(transport, 1, sections))
      assert.deepEqual(read.transport, { ...transport, lite: false, candidates: [] })
      assert.deepEqual(
        read.sections.map(({ mid, active, ssrc }) => ({ mid, active, ssrc })),
        sections.map((own, mid) => ({
          mid: String(mid),
          active: own.kind !== 'idle',
          ssrc: own.kind === 'microphone' ? own.ssrc : 0,
        })),
      )
      for (const [index, own] of sections.entries())
        if (own.kind === 'microphone') assert.equal([...read.sections[index]!.payloads.keys()][0], payloadTypes[own.codec])
    }),
  )
})

test('whatever an answer holds, it is read or refused with an AnswerError, and nothing of it breaks out of its line', () => {
  const lines = answer.split('\r\n')
  const mutated = fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(60), fc.string({ unit: 'binary', maxLength: 12 })), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), mutated), (input) => {
      const changed = [...lines]
      if (typeof input !== 'string')
        for (const [line, at, text] of input) changed[line] = changed[line]!.slice(0, at) + text + changed[line]!.slice(at)
      try {
        const read = parseAnswer(typeof input === 'string' ? input : changed.join('\r\n'))
        assert.equal(transportAnswer(read.transport).match(/^m=/gm)?.length, 1)
        for (const candidate of read.transport.candidates) assert.doesNotMatch(candidate, /[\r\n]/)
        for (const { ssrc } of read.sections) assert.ok(Number.isInteger(ssrc) && ssrc >= 0)
      } catch (error) {
        assert.ok(error instanceof AnswerError, String(error))
      }
    }),
    { numRuns: 500 },
  )
})
