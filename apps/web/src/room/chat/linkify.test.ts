import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { partsOf } from './linkify.ts'

test('links end where the sentence goes on', () => {
  const links = (text: string) => partsOf(text).flatMap((part) => (part.kind === 'link' ? [part.text] : []))
  assert.deepEqual(links('See https://a.example/x?y=1, (http://b.example/z_(q)) and https://c.example.'), [
    'https://a.example/x?y=1',
    'http://b.example/z_(q)',
    'https://c.example',
  ])
  assert.deepEqual(links('javascript:alert(1) data:text/html,x ftp://a.example'), [])
})

test('punctuation and closing brackets at the end are the sentence’s, however many', () => {
  const link = (text: string) => partsOf(text).find((part) => part.kind === 'link')?.text
  assert.equal(link(`https://a.example/${')'.repeat(8_000)}`), 'https://a.example/')
  assert.equal(link('https://a.example/(b)).'), 'https://a.example/(b)')
  assert.equal(link('https://a.example/(b).)'), 'https://a.example/(b)')
})

test('mentions, the longest name first, and one’s own told apart', () => {
  assert.deepEqual(partsOf('Hi @Ada Lovelace and @Ada', ['Ada', 'Ada Lovelace'], 'Ada'), [
    { kind: 'text', text: 'Hi ' },
    { kind: 'mention', text: '@Ada Lovelace' },
    { kind: 'text', text: ' and ' },
    { kind: 'self', text: '@Ada' },
  ])
})

test('whatever is written, the parts together are the message, and every link is http or https', () => {
  const piece = fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom('@Ada', '(', ')', 'https://', '\u202E', 'javascript:'))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.string(), { maxLength: 3 }), (pieces, names) => {
      const text = pieces.join('')
      const parts = partsOf(text, ['Ada', ...names])
      assert.equal(parts.map((part) => part.text).join(''), text)
      for (const part of parts) if (part.kind === 'link') assert.match(part.href, /^https?:\/\//)
    }),
  )
})
