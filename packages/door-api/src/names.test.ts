import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanName, longestName, shownName } from './names.ts'

/** Written down, so that every run tries the same names. */
const seed = 20_181_224

test('names of the world stay as they are', () => {
  for (const name of [
    'Ada',
    'Inés Cordero',
    "O'Neil-Łukasz",
    'علی رضا',
    '山田 太郎',
    'שרה',
    '👩‍💻 Dev',
    '👩🏽‍💻',
    '❤️‍🔥 1️⃣',
    'می‌خواهم',
    'José ❤️',
    'नमस्ते',
    'ရွှေ့',
  ])
    assert.equal(cleanName(name), name.normalize('NFC'), name)
})

test('what cannot be seen or turns the text around is taken out', () => {
  assert.equal(cleanName('\u202eadA\u202c'), 'adA')
  assert.equal(cleanName('\u2066\u2067A\u2069\u061cda\u200e\u200f'), 'Ada')
  assert.equal(cleanName('A\u200b\u2060\ufeff\u00add\u{e0041}a'), 'Ada')
  assert.equal(cleanName('A\u0000\u0007d\na\t B\u2028C'), 'Ad a B C')
  assert.equal(cleanName('Ada\u034f\u115f\u3164\uffa0'), 'Ada')
  assert.equal(cleanName('  José   María  '), 'José María')
})

test('at most four marks stay on a letter', () => {
  assert.equal(cleanName(`x${'\u0301'.repeat(50)}`), `x${'\u0301'.repeat(4)}`)
})

test('a joiner stays between letters and emoji, and nowhere else', () => {
  assert.equal(cleanName('\u200dAda\u200d 1\u200d2'), 'Ada 12')
})

test('no name is refused as no name', () => {
  for (const name of ['', '   ', '\u200b\u200d', '\u202e', '\u3164', '\u0301']) {
    assert.equal(cleanName(name), undefined)
    assert.equal(shownName(name), '')
  }
})

test('length is counted as people count it; what is only shown is cut', () => {
  const longest = '👩‍💻'.repeat(longestName)
  assert.equal(cleanName(longest), longest)
  assert.equal(shownName(longest), longest)
  assert.equal(cleanName('a'.repeat(longestName + 1)), undefined)
  assert.equal(cleanName('a'.repeat(10_000)), undefined)
  assert.equal(shownName('a'.repeat(10_000)), `${'a'.repeat(longestName - 1)}…`)
})

test('whatever is sent, a clean name is one line without hidden characters, and clean already', () => {
  const odd = fc.constantFrom(
    '\u200d',
    '\u200b',
    '\u0301',
    '\u0344',
    '\u0338',
    '\u0323',
    '<',
    'ǖ',
    'A',
    ' ',
    '\ufe0f',
    '👩',
    'ᄀ',
    'ᅡ',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 150 }),
    fc.array(odd, { maxLength: 12 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (text) => {
      const name = cleanName(text)
      if (name === undefined) return
      assert.doesNotMatch(name, /[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Co}\p{Cn}\u200b\ufeff\u2028\u2029]|^ | $| {2}/u)
      assert.equal(cleanName(name), name)
      assert.equal(shownName(name), name)
    }),
    { seed, numRuns: 500 },
  )
})
