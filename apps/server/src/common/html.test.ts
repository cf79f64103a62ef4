import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { spaced } from '../pages/meeting-summary.ts'
import { html, jsonForScript } from './html.ts'
import { preferred } from './language.ts'

test('nothing put into a template becomes markup', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { text: made } = html`<p title="${text}">${text}</p>`
      assert.equal(made.replace(/^<p title="[^"<>]*">[^<>]*<\/p>$/s, ''), '')
    }),
  )
  assert.equal(html`${[html`<b>`, '<']}${null}${false}${0}`.text, '<b>&lt;0')
})

test('no JSON ends the script it stands in, and it reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonForScript(value)
      assert.ok(!text.includes('<'))
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('the best language of a header', () => {
  for (const [header, language] of [
    ['es', 'es'],
    ['es-MX,en;q=0.9', 'es'],
    ['fr, en;q=0.3, es;q=0.5', 'es'],
    ['en;q=0, es;q=0.1', 'es'],
    ['de', undefined],
    ['*;q=;;,,', undefined],
    [undefined, undefined],
  ] as const)
    assert.equal(preferred(header), language, String(header))
  fc.assert(
    fc.property(fc.string(), (header) => {
      preferred(header)
    }),
  )
})

test('digits are grouped without leaving one alone', () => {
  assert.deepEqual(
    ['123', '1234567', '123456789', '12345678'].map((digits) => spaced(digits)),
    ['123', '123 4567', '123 456 789', '123 45678'],
  )
})
