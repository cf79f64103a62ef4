import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sentenceOf, speakableName } from './spoken-text.ts'

test('who comes and goes, in two languages', () => {
  assert.equal(sentenceOf('entry', 'Grace O’Hara-López, Jr.', 'en'), 'Grace O’Hara-López, Jr. joined.')
  assert.equal(sentenceOf('exit', 'Zoë', 'es'), 'Zoë ha salido.')
  assert.equal(sentenceOf('entry', '<>#[]', 'en'), undefined)
})

test('whatever a name is, what an engine is given are letters, digits and the marks of names, in one short line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      const spoken = speakableName(name)
      assert.match(spoken, /^([\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’-]*)?$/u)
      assert.ok([...spoken].length <= 60)
    }),
  )
})
