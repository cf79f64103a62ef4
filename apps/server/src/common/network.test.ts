import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neighbourhoodOf, senderOf } from './network.ts'

test('IPv4 counts by address, IPv6 by its /64', () => {
  assert.equal(senderOf('192.0.2.7'), '192.0.2.7')
  assert.equal(senderOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(senderOf('2001:DB8:1:2::9'), '2001:db8:1:2::/64')
  assert.equal(senderOf('2001:db8:0001:0002::'), '2001:db8:1:2::/64')
  assert.notEqual(senderOf('2001:db8:1:3::9'), senderOf('2001:db8:1:2::9'))
  assert.equal(senderOf('::1'), '0:0:0:0::/64')
  assert.equal(senderOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
})

test('IPv4 written as IPv6 is the same sender', () => {
  for (const text of ['::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7'])
    assert.equal(senderOf(text), '192.0.2.7')
})

test('neighbourhoods are /24 and /48', () => {
  assert.equal(neighbourhoodOf('192.0.2.7'), '192.0.2.0/24')
  assert.equal(neighbourhoodOf('::ffff:192.0.2.7'), '192.0.2.0/24')
  assert.equal(neighbourhoodOf('2001:db8:1:2::9'), '2001:db8:1::/48')
})

test('what is no address counts as itself, cut', () => {
  assert.equal(senderOf(''), '')
  assert.equal(senderOf('unix:'), 'unix:')
  assert.equal(senderOf('x'.repeat(10_000)).length, 64)
})
