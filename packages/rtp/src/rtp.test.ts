import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { extensionLength, extensionStart, findExtension } from './extensions.ts'
import { isRtcp, RtpHeader, rtpHeaderLength } from './header.ts'
import { readLevel } from './level.ts'
import { middleOf, ntpTime, unixMsOf } from './ntp.ts'
import { formatRtp, parseRtp } from './packet.ts'
import { distance, extend } from './sequence.ts'

test('a header with extension and padding is read', () => {
  const header = new RtpHeader()
  const plain = Buffer.from('b0e000010000000200000003bede000110ff0000aabb0002', 'hex')
  assert.equal(header.read(plain), true)
  assert.equal(header.marker, true)
  assert.equal(header.payloadType, 96)
  assert.equal(header.sequence, 1)
  assert.equal(plain.subarray(header.payloadStart, header.payloadEnd).toString('hex'), 'aabb')
  const found = findExtension(plain, header.profile, header.extensionStart, header.extensionEnd, 1)
  assert.equal(extensionLength(found), 1)
  assert.equal(plain[extensionStart(found)], 0xff)
})

test('two-byte extensions are found', () => {
  const block = Buffer.concat([Buffer.from([5, 20]), Buffer.alloc(20, 7), Buffer.from([6, 1, 9])])
  assert.equal(extensionStart(findExtension(block, 0x1000, 0, block.length, 5)), 2)
  assert.equal(extensionLength(findExtension(block, 0x1000, 0, block.length, 5)), 20)
  assert.equal(block[extensionStart(findExtension(block, 0x1000, 0, block.length, 6))], 9)
})

test('RTCP is told from RTP by its second byte', () => {
  assert.equal(isRtcp(Buffer.from('80c80001000000010000', 'hex')), true)
  assert.equal(isRtcp(Buffer.from('8060000100000001000000', 'hex')), false)
})

test('sequence numbers extend over wraps', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0x10000, max: 0x7fffff }), fc.integer({ min: -30000, max: 30000 }), (reference, step) => {
      assert.equal(extend((reference + step) & 0xffff, reference), reference + step)
      assert.equal(distance((reference + step) & 0xffff, reference & 0xffff), step)
    }),
  )
})

test('a packet is read as it was written, and the length of its header is the same encrypted or not', () => {
  const packet = fc.record(
    {
      marker: fc.boolean(),
      payloadType: fc.nat(127),
      sequence: fc.nat(0xffff),
      timestamp: fc.nat(0xffffffff),
      ssrc: fc.nat(0xffffffff),
      payload: fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(packet, (value) => {
      const data = formatRtp(value)
      assert.deepEqual(parseRtp(data), value)
      assert.equal(rtpHeaderLength(data), 12)
    }),
    { numRuns: 200, seed: 20_260_808 },
  )
})

test('loudness is read in both forms of header extensions, and only where it was negotiated', () => {
  const packet = (extension: string) => Buffer.from(`906f00010000000200000003${extension}`, 'hex')
  const one = packet('bede000110900000')
  const two = packet('1000000101019000')
  assert.equal(readLevel(one, 1), 0x10)
  assert.equal(readLevel(one, 2), undefined)
  assert.equal(readLevel(one, 0), undefined)
  assert.equal(readLevel(two, 1), 0x10)
  assert.equal(readLevel(Buffer.alloc(3), 1), undefined)
})

test('NTP time goes there and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000_000_000_000 }), (unixMs) => {
      const [seconds, fraction] = ntpTime(unixMs)
      assert.ok(Math.abs(unixMsOf(seconds, fraction) - unixMs) < 0.001)
      assert.equal(middleOf(seconds, fraction), ((seconds % 0x10000) * 0x10000 + Math.floor(fraction / 0x10000)) % 2 ** 32)
    }),
    { numRuns: 200, seed: 20_260_809 },
  )
})
