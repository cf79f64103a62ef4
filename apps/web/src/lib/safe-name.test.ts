import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { initials, safeName } from './safe-name.ts'

test('direction and invisible characters are taken out', () => {
  assert.equal(safeName('Ada\u202Egnp.exe'), 'Adagnp.exe')
  assert.equal(safeName('\u2066\u2067Ada\u2069\u200B\uFEFF\u00AD'), 'Ada')
  assert.equal(safeName('Ada\u0000\u0007\r\nLovelace'), 'Ada Lovelace')
  assert.equal(safeName('\u{E0041}Ada\u3164'), 'Ada')
})

test('what real names need stays', () => {
  assert.equal(safeName('  José   María  '), 'José María')
  assert.equal(safeName('می\u200Cخواهم'), 'می\u200Cخواهم')
  assert.equal(safeName('Eva 👩\u200D🚀'), 'Eva 👩\u200D🚀')
  assert.equal(safeName('אדה'), 'אדה')
})

test('a name of nothing visible is the fallback', () => {
  for (const name of ['', '   ', '\u200B\u200D', '\u3164', '\u0301']) assert.equal(safeName(name, 'Guest'), 'Guest')
})

test('marks and length are limited', () => {
  assert.equal(safeName(`A${'\u0301'.repeat(50)}`), `A${'\u0301'.repeat(4)}`)
  assert.equal([...safeName('x'.repeat(10_000))].length, 64)
})

test('whatever comes in, what comes out is short, single-lined, without hidden characters, and stays as it is', () => {
  const bad = /[\p{Cc}\p{Co}\p{Cn}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const shown = safeName(name)
      assert.ok([...shown].length <= 64 && shown.length > 0)
      assert.ok(!bad.test(shown))
      assert.equal(safeName(shown), shown)
    }),
  )
})

test('initials', () => {
  assert.equal(initials('ada lovelace'), 'AL')
  assert.equal(initials('Ada'), 'A')
  assert.equal(initials('👋'), '')
})
