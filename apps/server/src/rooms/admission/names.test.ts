import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanName, longestName } from './names.ts'

test('names of the world stay as they are', () => {
  for (const name of [
    'Ada',
    'Inés Cordero',
    "O'Neil-Łukasz",
    'علی رضا',
    '山田 太郎',
    'שרה',
    '👩‍💻 Dev',
    'می‌خواهم',
    'José ❤️',
    'नमस्ते',
  ])
    assert.equal(cleanName(name), name.normalize('NFC'), name)
})

test('what cannot be seen or turns the text around is taken out', () => {
  assert.equal(cleanName('\u202eadA\u202c'), 'adA')
  assert.equal(cleanName('\u2066\u2067A\u2069\u061cda\u200e\u200f'), 'Ada')
  assert.equal(cleanName('A\u200b\u2060\ufeff\u00add\u{e0041}a'), 'Ada')
  assert.equal(cleanName('A\u0000\u0007d\na\t B\u2028C'), 'Ad a B C')
  assert.equal(cleanName(`e${'\u0301'.repeat(50)}`)!.length < 6, true)
})

test('no name is refused as no name', () => {
  for (const name of ['', '   ', '\u200b\u200d', '\u202e', '\u3164', '\u0301']) assert.equal(cleanName(name), undefined)
})

test('length is counted as people count it', () => {
  assert.equal(cleanName('👩‍💻'.repeat(longestName))?.length, 5 * longestName)
  assert.equal(cleanName('a'.repeat(longestName + 1)), undefined)
  assert.equal(cleanName('a'.repeat(10_000)), undefined)
})

test('whatever is sent, a clean name is one line without invisible characters, and clean already', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (text) => {
      const name = cleanName(text)
      if (name === undefined) return
      assert.doesNotMatch(name, /\p{Cc}|\p{Bidi_Control}|\p{Cs}|[\u2028\u2029]/u)
      assert.equal(cleanName(name), name)
    }),
  )
})
