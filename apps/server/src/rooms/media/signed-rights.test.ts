import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SignedRights } from './signed-rights.ts'

test('a token with other rights than those of now is told of once', () => {
  const rights = new SignedRights()
  rights.signed('a', 'all', 0, 300)
  assert.equal(rights.differ('a', 'all', 10), false)
  assert.equal(rights.differ('a', 'none', 10), true)
  assert.equal(rights.differ('a', 'none', 10), false)
  assert.equal(rights.differ('a', 'all', 10), true, 'back again, the media server must hear of it again')
  assert.equal(rights.differ('b', 'none', 10), false)
})

test('of two tokens that differ, one is wrong', () => {
  const rights = new SignedRights()
  rights.signed('a', 'all', 0, 300)
  rights.signed('a', 'none', 10, 310)
  assert.equal(rights.differ('a', 'none', 20), true)
})

test('expired tokens are forgotten', () => {
  const rights = new SignedRights()
  for (let index = 0; index < 1_000; index++) rights.signed(`p${index}`, 'all', index, index + 300)
  assert.equal(rights.differ('p0', 'none', 999), false)
  assert.equal(rights.size, 300)
})
