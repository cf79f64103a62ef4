import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRtcp } from '@parley/rtp'
import fc from 'fast-check'
import { age, keyframeRequests, newStream, receiverReport, rtpPacket, senderReport } from './rtp.ts'

test('a packet tells its age and is not RTCP', () => {
  const stream = newStream({ payloadType: 96, mid: '0', audio: false, rid: 'f' })
  const packet = rtpPacket(stream, 1100, 7, { key: true })
  assert.equal(isRtcp(packet), false)
  assert.ok((age(packet) ?? -1) >= 0)
  assert.equal(packet.readUInt32BE(8), stream.ssrc)
  assert.equal(age(Buffer.alloc(200)), undefined)
})

test('reports are RTCP of the length they say', () => {
  const stream = newStream({ payloadType: 96, mid: '0', audio: false })
  for (const report of [senderReport(stream), receiverReport(1, new Map([[2, { highest: 3 }]]), 50_000_000)]) {
    assert.equal(isRtcp(report), true)
    let at = 0
    while (at < report.length) at += (report.readUInt16BE(at + 2) + 1) * 4
    assert.equal(at, report.length)
  }
})

test('keyframe requests are found, and no bytes break the search', () => {
  const pli = Buffer.from('81ce00020000000100000063', 'hex')
  const fir = Buffer.from('84ce0004000000010000000000000064' + '01000000', 'hex')
  assert.deepEqual(keyframeRequests(Buffer.concat([pli, fir])), [99, 100])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      keyframeRequests(Buffer.from(bytes))
    }),
  )
})
