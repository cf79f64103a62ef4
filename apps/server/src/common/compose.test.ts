import assert from 'node:assert/strict'
import { test } from 'node:test'
import { composed, decomposed } from './compose.ts'

test('normalizes as JavaScript does, but for runs of marks no script has', () => {
  for (const text of ['Ame\u0301lie', '\u1100\u1161\u11a8', 'ｆｕｌｌ', `a${'\u0301\u0316'.repeat(15)}`, '']) {
    assert.equal(composed(text), text.normalize('NFC'))
    assert.equal(decomposed(text), text.normalize('NFKD'))
  }
})

test('a run is cut before it is sorted', () => {
  assert.equal(composed(`x${'\u0316\u0301'.repeat(250_000)}y`).length, 32)
  assert.equal(decomposed(`x${'\u0316\u0301'.repeat(250_000)}y`).length, 32)
})
