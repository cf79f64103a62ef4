import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { broken, refused, tolerated, valid } from '../../test/torture.ts'
import { parseAddress } from './address.ts'
import { SipParseError } from './errors.ts'
import { parseHead } from './head.ts'
import { Headers } from './headers.ts'
import { peerLimits, strangerLimits } from './limits.ts'
import { quote } from './params.ts'
import { parseMessage } from './parse.ts'
import { serialize } from './serialize.ts'
import { StreamFramer } from './stream.ts'
import { parseUri, userOf } from './uri.ts'
import { formatVia, parseVia } from './via.ts'

const samples = [...valid, ...broken, ...tolerated, ...refused].map(({ text }) => Buffer.from(text, 'utf8'))

/** Parsing may refuse, but only in its own words, and within bounds. */
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

test('a letter whose last byte is 0xA0 keeps it', () => {
  const text = `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nSubject: voil\u00e0\r\nFrom: Voil\u00e0 <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n`
  const message = parseMessage(Buffer.from(text, 'utf8'))
  assert.equal(message.from.name, 'Voil\u00e0')
  assert.equal(message.headers.get('Subject'), latin1('voil\u00e0'))
})

test('a header may be named like a member of every object', () => {
  const headers = Headers.of([
    ['constructor', 'a'],
    ['__proto__', 'b'],
  ])
  assert.deepEqual([headers.get('Constructor'), headers.get('__proto__'), headers.get('To')], ['a', 'b', undefined])
  assert.deepEqual([...headers][0], ['Constructor', 'a'])
})

test('a message longer than whoever sent it may is refused', () => {
  const head = (lines: string[]) => Buffer.from(['OPTIONS sip:a@b SIP/2.0', ...lines, '', ''].join('\r\n'))
  const long = (length: number) => head([`X: ${'x'.repeat(length)}`])
  const many = (count: number) => head(Array.from({ length: count }, () => 'X: x'))
  for (const { limits, line } of [
    { limits: peerLimits, line: 8_192 },
    { limits: strangerLimits, line: 2_048 },
  ]) {
    assert.ok(parseHead(long(line - 3), limits))
    assert.throws(() => parseHead(long(line), limits), { code: 'too-large' })
    assert.ok(parseHead(many(limits.headers), limits))
    assert.throws(() => parseHead(many(limits.headers + 1), limits), { code: 'too-large' })
  }
})

test('a message too long is refused by its length alone', () => {
  const data = Buffer.alloc(peerLimits.messageBytes + 1, 'a')
  assert.throws(() => parseMessage(data), { code: 'too-large' })
})

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
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
        const read = parseAddress(`${quote(latin1(name))} <sip:${user}@${host}>;tag=x`, 'To')
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
        framer.push(whole.subarray(from, cut))
        for (let message = framer.next(); message; message = framer.next()) found.push(message.toString('utf8'))
        from = cut
      }
      assert.deepEqual(found, [one, two, one])
      assert.equal(framer.pending, 0)
    }),
  )
})

function pushed(data: Buffer, limits = peerLimits): Buffer | undefined {
  const framer = new StreamFramer(() => limits)
  framer.push(data)
  return framer.next()
}

test('a stream that says no length, or a silly one, ends', () => {
  for (const length of ['', 'Content-Length: -1\r\n', 'Content-Length: 999999999\r\n']) {
    assert.throws(() => pushed(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\n${length}\r\n`)), SipParseError)
  }
  assert.throws(() => pushed(Buffer.alloc(peerLimits.headBytes + 1, 'a')), SipParseError)
  assert.throws(() => pushed(Buffer.alloc(strangerLimits.headBytes + 1, 'a'), strangerLimits), SipParseError)
})
