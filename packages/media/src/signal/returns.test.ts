import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Returns } from './returns.ts'

test('the first attempt after a loss is known once, of that person in that room only', () => {
  const returns = new Returns()
  returns.expect('r', 'ana', 1000)
  assert.equal(returns.isFirst('r', 'ben', 1100), false)
  assert.equal(returns.isFirst('other', 'ana', 1100), false)
  assert.equal(returns.isFirst('r', 'ana', 1100), true)
  assert.equal(returns.isFirst('r', 'ana', 1200), false)
})

test('who comes much later is a stranger, and is let in', () => {
  const returns = new Returns()
  returns.expect('r', 'ana', 1000)
  assert.equal(returns.isFirst('r', 'ana', 4000), false)
})

test('names that run into each other are told apart', () => {
  const returns = new Returns()
  returns.expect('a,b', 'c', 0)
  assert.equal(returns.isFirst('a', 'b,c', 1), false)
})
