import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broken, refused, type Torture, tolerated, valid } from '../../test/torture.ts'
import { SipParseError } from './errors.ts'
import { parseMessage } from './parse.ts'

const parsed = ({ text }: Torture) => parseMessage(Buffer.from(text, 'utf8'))

for (const message of [...valid, ...tolerated]) {
  test(`RFC 4475 ${message.name} is read`, () => {
    assert.ok(parsed(message))
  })
}

for (const message of [...broken, ...refused]) {
  test(`RFC 4475 ${message.name} is refused`, () => {
    assert.throws(
      () => parsed(message),
      (error) => error instanceof SipParseError && (message.expect === 'drop' || error.status === message.expect),
    )
  })
}

test('the twisted INVITE says what it says', () => {
  const message = parsed(valid[0]!)
  assert.equal(message.kind, 'request')
  assert.equal(message.to.params.get('tag'), '77n')
  assert.equal(message.from.name, 'Ana \\"')
  assert.deepEqual(message.cseq, { number: 9, method: 'INVITE' })
  assert.equal(message.via.host, '192.0.2.2')
  assert.equal(message.headers.list('Via').length, 3)
  assert.equal(message.headers.get('Contact')?.startsWith('"Quoted text'), true)
  assert.equal(message.body.toString(), 'v=0')
})

test('of two requests in one datagram only the first counts', () => {
  const message = parsed(valid.find(({ name }) => name.includes('dblreq'))!)
  assert.equal(message.kind === 'request' && message.method, 'OPTIONS')
  assert.equal(message.body.length, 0)
})
