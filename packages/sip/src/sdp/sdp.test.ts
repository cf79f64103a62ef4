import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerOffer, type LocalMedia, makeOffer, takeAnswer } from './negotiate.ts'
import { SdpError } from './sdp-error.ts'
import { readSession } from './session.ts'

const local = (parts: Partial<LocalMedia> = {}): LocalMedia => ({
  address: '192.0.2.1',
  port: 30_000,
  codecs: ['opus', 'PCMU', 'PCMA'],
  srtp: 'optional',
  sessionId: '7',
  version: 1,
  ...parts,
})
const head = 'v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n'
const plain = `${head}m=audio 4000 RTP/AVP 8 0 101 13\r\na=rtpmap:101 telephone-event/8000\r\n`
const key = `inline:${Buffer.alloc(30, 5).toString('base64')}`
const answer = (text: string, parts: Partial<LocalMedia> = {}) => {
  const result = answerOffer(readSession(Buffer.from(text)), local(parts))
  return { ...result, text: result.answer.toString() }
}
const refuses = (text: string, code: SdpError['code'], parts: Partial<LocalMedia> = {}) =>
  assert.throws(
    () => answer(text, parts),
    (error) => error instanceof SdpError && error.code === code,
  )

test('the offerer’s first codec that we have is taken, with events and comfort noise', () => {
  const { agreed, text } = answer(plain)
  assert.deepEqual(agreed.codec, { name: 'PCMA', payloadType: 8 })
  assert.equal(agreed.telephoneEvent, 101)
  assert.equal(agreed.comfortNoise, 13)
  assert.match(text, /m=audio 30000 RTP\/AVP 8 13 101\r\n/)
  assert.equal(answer(plain, { codecs: ['PCMU'] }).agreed.codec.name, 'PCMU')
})

test('Opus keeps the payload type it was offered with', () => {
  const { agreed, text } = answer(`${head}m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\n`)
  assert.deepEqual(agreed.codec, { name: 'opus', payloadType: 96 })
  assert.match(text, /a=rtpmap:96 opus\/48000\/2/)
})

test('hold in its three forms is mirrored', () => {
  assert.match(answer(`${plain}a=sendonly\r\n`).text, /a=recvonly/)
  assert.match(answer(`${plain}a=inactive\r\n`).text, /a=inactive/)
  assert.match(answer(plain.replace('c=IN IP4 198.51.100.1', 'c=IN IP4 0.0.0.0')).text, /a=inactive/)
  assert.match(answer(`${plain}a=recvonly\r\n`).text, /a=sendonly/)
})

test('every other stream is refused in its place', () => {
  const { text } = answer(
    `${head}m=video 5000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\nm=audio 4000 RTP/AVP 0\r\nm=application 6000 UDP/BFCP *\r\n`,
  )
  assert.deepEqual(
    [...text.matchAll(/m=(\w+) (\d+)/g)].map(([, type, port]) => `${type} ${port}`),
    ['video 0', 'audio 30000', 'application 0'],
  )
})

test('SRTP by SDES: taken, refused and required', () => {
  const secure = plain.replace('RTP/AVP', 'RTP/SAVP')
  const line = (suite: string, rest = '') => `a=crypto:3 ${suite} ${key}${rest}\r\n`
  const { agreed, text } = answer(secure + line('AES_CM_128_HMAC_SHA1_32', '|2^31'))
  assert.equal(agreed.srtp?.remote.suite, 'AES_CM_128_HMAC_SHA1_32')
  assert.match(text, /m=audio 30000 RTP\/SAVP[\s\S]*a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:[\w+/=]{40}\r\n/)
  assert.notDeepEqual(agreed.srtp?.local.keySalt, agreed.srtp?.remote.keySalt)
  refuses(secure, 'srtp-refused')
  refuses(secure + line('F8_128_HMAC_SHA1_80'), 'srtp-refused')
  refuses(secure + line('AES_CM_128_HMAC_SHA1_80', '|1:4'), 'srtp-refused')
  refuses(secure + line('AES_CM_128_HMAC_SHA1_80'), 'srtp-refused', { srtp: 'off' })
  refuses(plain, 'srtp-required', { srtp: 'required' })
  assert.equal(answer(plain + line('AES_CM_128_HMAC_SHA1_80'), { srtp: 'off' }).agreed.srtp, undefined)
})

test('what cannot be answered is refused by name', () => {
  refuses('hello', 'malformed')
  refuses(`${head}m=video 5000 RTP/AVP 96\r\n`, 'no-audio')
  refuses(`${head}m=audio 0 RTP/AVP 0\r\n`, 'no-audio')
  refuses(`${head}m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n`, 'no-audio')
  refuses(`${head}m=audio 4000 RTP/AVP 3\r\n`, 'no-codec')
  refuses(plain.replaceAll('198.51.100.1', 'phone.example'), 'malformed')
})

test('our offer is answered by ourselves, plain and encrypted', () => {
  for (const srtp of ['optional', 'required'] as const) {
    const { offer, key: ours } = makeOffer(local({ srtp }))
    const theirs = answerOffer(readSession(offer), local({ address: '192.0.2.2', port: 31_000, codecs: ['PCMU'] }))
    const agreed = takeAnswer(readSession(theirs.answer), local({ srtp }), ours)
    assert.equal(agreed.codec.name, 'PCMU')
    assert.equal(agreed.remote.port, 31_000)
    assert.deepEqual(agreed.srtp?.remote.keySalt, theirs.agreed.srtp?.local.keySalt)
    assert.equal(agreed.srtp !== undefined, srtp === 'required')
  }
})

test('whatever stands in a description, it is answered or refused by name', () => {
  const lines = fc.constantFrom(
    'm=audio 4000 RTP/AVP 0',
    'm=audio 4000 RTP/AVP',
    'm=audio x RTP/AVP 0',
    'm=audio 4000/2 RTP/AVP 0 8',
    'm=audio 99999 RTP/AVP 0',
    'm=video 1 RTP/AVP 96',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:x y',
    'a=sendonly',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA',
    'a=crypto:',
    'a=rtcp:5',
    'a=rtcp:99999',
    'a=rtcp-mux',
    'a=ptime:x',
    'a=fmtp:',
    'c=IN IP4 1.2.3.4',
    'c=',
    'c=IN IP6 ::1',
    'b=AS:1',
    'x=y',
    '=',
    '\0',
  )
  const text = fc
    .array(fc.oneof(lines, fc.string({ maxLength: 40 })), { maxLength: 15 })
    .map((parts) => `v=0\r\n${parts.join('\r\n')}`)
  fc.assert(
    fc.property(text, (description) => {
      try {
        const { answer: reply } = answerOffer(readSession(Buffer.from(description)), local())
        assert.ok(readSession(reply))
      } catch (error) {
        assert.ok(error instanceof SdpError, String(error))
      }
    }),
    { numRuns: 2_000 },
  )
})
