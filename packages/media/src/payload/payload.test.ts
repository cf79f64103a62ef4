import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extensionLength, extensionStart, findExtension, RtpHeader } from '@parley/rtp'
import fc from 'fast-check'
import { PacketHistory } from '../forward/history.ts'
import { beginsKeyframe } from './keyframe.ts'
import { primaryBlock } from './red.ts'
import { Vp8Descriptor } from './vp8.ts'

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array))

test('any bytes are read within their bounds or refused', () => {
  const header = new RtpHeader()
  const vp8 = new Vp8Descriptor()
  fc.assert(
    fc.property(bytes(200), fc.nat(15), (packet, id) => {
      if (packet.length > 0) packet[0] = (packet[0]! & 0x3f) | 0x80
      if (!header.read(packet)) return
      assert.ok(header.payloadStart <= header.payloadEnd && header.payloadEnd <= packet.length)
      const found = findExtension(packet, header.profile, header.extensionStart, header.extensionEnd, id)
      if (found >= 0) assert.ok(extensionStart(found) + extensionLength(found) <= header.extensionEnd)
      for (const codec of ['vp8', 'vp9', 'h264', 'av1'] as const)
        beginsKeyframe(codec, packet, header.payloadStart, header.payloadEnd)
      if (vp8.read(packet, header.payloadStart, header.payloadEnd)) {
        assert.ok(vp8.pictureIdOffset + 1 < header.payloadEnd)
        assert.ok(vp8.tl0Offset < header.payloadEnd)
      }
      const primary = primaryBlock(packet, header.payloadStart, header.payloadEnd)
      assert.ok(primary === -1 || (primary >= header.payloadStart && primary <= header.payloadEnd))
    }),
    { numRuns: 2000 },
  )
})

test('a history gives back what is recent and nothing else', () => {
  const history = new PacketHistory(8)
  const packets = Array.from({ length: 20 }, (_, i) => Buffer.from([i]))
  for (const [i, packet] of packets.entries()) history.put(65530 + i, packet)
  assert.equal(history.get(65530 + 19), packets[19])
  assert.equal(history.get(65530 + 12), packets[12])
  assert.equal(history.get(65530 + 11), undefined)
})

test('key frames are recognised', () => {
  const frame = (hex: string) => Buffer.from(hex, 'hex')
  assert.equal(beginsKeyframe('vp8', frame('90e0800100001000'), 0, 8), true)
  assert.equal(beginsKeyframe('vp8', frame('90e0800100000100'), 0, 8), false)
  assert.equal(beginsKeyframe('h264', frame('67420000'), 0, 4), true)
  assert.equal(beginsKeyframe('h264', frame('7c85aa'), 0, 3), true)
  assert.equal(beginsKeyframe('h264', frame('7c05aa'), 0, 3), false)
  assert.equal(beginsKeyframe('h264', frame('780002090900020567'), 0, 9), true)
  assert.equal(beginsKeyframe('h264', frame('61aa'), 0, 2), false)
  assert.equal(beginsKeyframe('av1', frame('18aa'), 0, 2), true)
})

test('the primary of a RED payload is its last block', () => {
  // One redundant block of 3 bytes, then the primary.
  const payload = Buffer.from('ef000003' + '6f' + 'aaaaaa' + 'bbbb', 'hex')
  assert.equal(payload.subarray(primaryBlock(payload, 0, payload.length)).toString('hex'), 'bbbb')
  assert.equal(primaryBlock(Buffer.from('ef0000ff6faa', 'hex'), 0, 6), -1)
})
