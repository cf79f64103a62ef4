import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReconnectGuard } from './reconnect-guard.ts'

test('the first attempt after a loss is known once, of that person in that room only', () => {
  const guard = new ReconnectGuard()
  guard.expect('r', 'ana', 1000)
  assert.equal(guard.isFirst('r', 'ben', 1100), false)
  assert.equal(guard.isFirst('other', 'ana', 1100), false)
  assert.equal(guard.isFirst('r', 'ana', 1100), true)
  assert.equal(guard.isFirst('r', 'ana', 1200), false)
})

test('who comes much later is a stranger, and is let in', () => {
  const guard = new ReconnectGuard()
  guard.expect('r', 'ana', 1000)
  assert.equal(guard.isFirst('r', 'ana', 4000), false)
})

test('names that run into each other are told apart', () => {
  const guard = new ReconnectGuard()
  guard.expect('a,b', 'c', 0)
  assert.equal(guard.isFirst('a', 'b,c', 1), false)
})
