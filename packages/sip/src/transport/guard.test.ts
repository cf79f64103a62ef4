import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Guard } from './guard.ts'

const limits = {
  perAddress: { rate: 1, burst: 2 },
  unknown: { rate: 100, burst: 100 },
  trusted: { rate: 1_000, burst: 1_000 },
  addresses: 10,
}

test('all addresses of one IPv6 /64 are one stranger', () => {
  const guard = new Guard(
    () => false,
    () => {},
    limits,
  )
  const admitted = Array.from({ length: 20 }, (_, index) => guard.admit(`2001:db8::${index.toString(16)}`, 0))
  assert.equal(admitted.filter(Boolean).length, 2)
  assert.ok(guard.admit('2001:db8:0:1::1', 0))
})

test('trunks within one /64 have a budget each', () => {
  const guard = new Guard(
    () => true,
    () => {},
    { ...limits, trusted: { rate: 1, burst: 1 } },
  )
  assert.deepEqual(
    [guard.admit('2001:db8::1', 0), guard.admit('2001:db8::2', 0), guard.admit('2001:db8::1', 0)],
    [true, true, false],
  )
})
