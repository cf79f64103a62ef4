import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonError, parseStrictJson } from './strict-json.ts'

const parse = (text: string) => parseStrictJson(Buffer.from(text))

test('ordinary JSON is read, with or without a byte order mark', () => {
  assert.deepEqual(parse('{"a":[1,{"a":"x\\u00e9"}],"b":null}'), { a: [1, { a: 'xé' }], b: null })
  assert.deepEqual(parse('\uFEFF{"a":1}'), { a: 1 })
})

test('what another reader could read differently is refused', () => {
  for (const [text, reason] of [
    ['{"a":1,"a":2}', /'a' occurs more than once/],
    ['{"a":1,"\\u0061" :2}', /'a' occurs more than once/],
    ['{"b":{"a":1,"a":2}}', /more than once/],
    ['{"a":1e999}', /too large/],
    ['{"a":"\\ud800"}', /surrogate/],
    ['{"a":"\\u0000"}', /NUL/],
    ['{"a\\u0000":1}', /NUL/],
    ['', /empty/],
    ['{"a":}', /not valid JSON/],
    ['['.repeat(10_000) + ']'.repeat(10_000), /nested deeper/],
    [`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /nested deeper/],
  ] as const)
    assert.throws(
      () => parse(text),
      (error) => error instanceof JsonError && reason.test(error.message),
      text.slice(0, 40),
    )
})

test('other encodings are refused', () => {
  assert.throws(() => parseStrictJson(Buffer.from('{"a":1}', 'utf16le')), JsonError)
  assert.throws(() => parseStrictJson(Buffer.from([0xff, 0xfe, 0x7b, 0])), JsonError)
  assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xc3, 0x22])), JsonError)
})

test('the same name in different objects, and names as values, are no repetition', () => {
  assert.deepEqual(parse('[{"a":"a"},{"a":"a","b":["a","a"]}]'), [{ a: 'a' }, { a: 'a', b: ['a', 'a'] }])
})

test('it reads what JSON.parse reads, or refuses with a JsonError', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        assert.deepEqual(parse(text), JSON.parse(text))
      } catch (error) {
        assert.ok(error instanceof JsonError)
      }
    }),
  )
})

test('no bytes make it throw anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseStrictJson(bytes)
      } catch (error) {
        assert.ok(error instanceof JsonError)
      }
    }),
  )
})
