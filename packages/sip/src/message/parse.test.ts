import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress, parseAddress } from './address.ts'
import { SipParseError } from './errors.ts'
import { Headers } from './headers.ts'
import { limits } from './limits.ts'
import { parseMessage } from './parse.ts'
import { serialize } from './serialize.ts'
import { StreamFramer } from './stream.ts'
import { broken, refused, tolerated, valid } from './torture.ts'
import { formatUri, parseUri, userOf } from './uri.ts'
import { formatVia, parseVia } from './via.ts'

const samples = [...valid, ...broken, ...tolerated, ...refused].map(({ text }) => Buffer.from(text, 'utf8'))

/** Parsing may refuse, but only in its own words, and never slowly. */
function survives(data: Buffer): void {
  try {
    parseMessage(data)
  } catch (error) {
    assert.ok(error instanceof SipParseError, String(error))
  }
}

test('random bytes never do more than be refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => survives(Buffer.from(bytes))))
})

test('mutated torture messages never do more than be refused', () => {
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat(20),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(...[';', ',', '"', '<', '\r\n', ':', '\0', ' '].map((text) => Buffer.from(text))),
    ),
  })
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }), (sample, edits) => {
      let data = sample
      for (const { at, cut, put } of edits) {
        const place = at % (data.length + 1)
        data = Buffer.concat([data.subarray(0, place), put, data.subarray(place + cut)])
      }
      survives(data)
    }),
    { numRuns: 2_000 },
  )
})

test('hostile shapes are refused in linear time', () => {
  const head = 'OPTIONS sip:a@b.example SIP/2.0\r\n'
  const rest =
    'Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n'
  const shapes = [
    `${head}${rest}X: ${'"\\'.repeat(3_900)}\r\n\r\n`,
    `${head}${'Via: SIP/2.0/UDP a;branch=z9hG4bK\r\n'.repeat(900)}\r\n`,
    `${head}To: ${'<'.repeat(8_000)}\r\n${rest}\r\n`,
    `${head}${rest}Contact: ${'a,'.repeat(4_000)}\r\n\r\n`,
    `${head}${rest}Via: SIP${' '.repeat(7_900)}x\r\n\r\n`,
    `${head}${rest}From: ${';a=b'.repeat(2_000)}\r\n\r\n`,
    `${head}${' \r\n'.repeat(10_000)}${rest}\r\n`,
  ]
  for (const shape of shapes) {
    const before = process.cpuUsage()
    survives(Buffer.from(shape))
    const { user } = process.cpuUsage(before)
    assert.ok(user < 100_000, `${shape.slice(0, 60)} took ${user} µs of CPU`)
  }
})

test('a message too long is refused by its length alone', () => {
  const data = Buffer.alloc(limits.messageBytes + 1, 'a')
  assert.throws(() => parseMessage(data), { code: 'too-large' })
})

const tokenText = fc.stringMatching(/^[a-zA-Z0-9.!%*_+`'~-]{1,20}$/)
const hostText = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9](\.[a-z]{2,6})?$/)

test('what is written can be read back', () => {
  const message = fc.record({
    method: tokenText,
    user: tokenText,
    host: hostText,
    tag: tokenText,
    callId: tokenText,
    number: fc.nat(2 ** 31 - 1),
    body: fc.uint8Array({ maxLength: 100 }),
  })
  fc.assert(
    fc.property(message, ({ method, user, host, tag, callId, number, body }) => {
      const headers = Headers.of([
        ['Via', `SIP/2.0/UDP ${host};branch=z9hG4bK${tag}`],
        ['From', `<sip:${user}@${host}>;tag=${tag}`],
        ['To', `<sip:${user}@${host}>`],
        ['Call-ID', callId],
        ['CSeq', `${number} ${method}`],
      ])
      const read = parseMessage(
        serialize({ kind: 'request', method, uri: `sip:${user}@${host}`, headers, body: Buffer.from(body) }),
      )
      assert.ok(read.kind === 'request' && read.method === method && read.uri === `sip:${user}@${host}`)
      assert.equal(read.from.params.get('tag'), tag)
      assert.deepEqual(read.cseq, { number, method })
      assert.deepEqual(Buffer.from(read.body), Buffer.from(body))
    }),
  )
})

test('nothing that is written can hold another line', () => {
  const headers = Headers.of([['Subject', 'a\r\nX-Evil: 1']])
  assert.throws(() => serialize({ kind: 'request', method: 'INFO', uri: 'sip:a@b', headers, body: Buffer.alloc(0) }), TypeError)
})

test('addresses survive writing and reading, whatever the name', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 30 }).filter((name) => !/[\x00-\x1f\x7f]/.test(name)),
      tokenText,
      hostText,
      (name, user, host) => {
        const read = parseAddress(formatAddress({ name, uri: `sip:${user}@${host}`, params: new Map([['tag', 'x']]) }), 'To')
        assert.equal(read.name, name)
        assert.equal(read.uri, `sip:${user}@${host}`)
        assert.equal(read.params.get('tag'), 'x')
      },
    ),
  )
})

test('URIs keep their parts', () => {
  const uri = parseUri('sip:+34911;phone-context=x:secret@[2001:db8::1]:5061;transport=tcp;lr?subject=hi')
  assert.equal(uri.host, '[2001:db8::1]')
  assert.equal(uri.port, 5061)
  assert.equal(uri.params.get('transport'), 'tcp')
  assert.equal(uri.headers, 'subject=hi')
  assert.equal(parseUri(formatUri(uri)).port, 5061)
  assert.equal(userOf('sip:%2B34911@x'), '+34911')
  assert.equal(userOf('tel:+34-911.22'), '+3491122')
  for (const bad of ['sip:', 'sip:a@', 'sip:a@b:0', 'sip:a@b:99999', 'sip:a b@c', 'nothing'])
    assert.throws(() => parseUri(bad), SipParseError)
})

test('Via keeps its parts', () => {
  const via = parseVia('SIP/2.0/TLS [::1]:5061;rport;branch=z9hG4bKx;received=10.0.0.1')
  assert.equal(formatVia(via), 'SIP/2.0/TLS [::1]:5061;rport;branch=z9hG4bKx;received=10.0.0.1')
})

test('a stream cut anywhere gives the same messages', () => {
  const one = valid.find(({ name }) => name.includes('esc01'))!.text
  const two = broken.find(({ name }) => name.includes('clerr'))!.text.replace('9999', '3')
  const whole = Buffer.from(`\r\n\r\n${one}${two}${one}`, 'utf8')
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
      const framer = new StreamFramer()
      const found: string[] = []
      let from = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), whole.length]) {
        for (const message of framer.push(whole.subarray(from, cut))) found.push(message.toString('utf8'))
        from = cut
      }
      assert.deepEqual(found, [one, two, one])
      assert.equal(framer.pending, 0)
    }),
  )
})

test('a stream that says no length, or a silly one, ends', () => {
  for (const length of ['', 'Content-Length: -1\r\n', 'Content-Length: 999999999\r\n']) {
    const framer = new StreamFramer()
    assert.throws(() => framer.push(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\n${length}\r\n`)), SipParseError)
  }
  assert.throws(() => new StreamFramer().push(Buffer.alloc(limits.headBytes + 1, 'a')), SipParseError)
})
