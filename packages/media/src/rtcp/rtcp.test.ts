import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRtcp } from './parse.ts'
import { FeedbackWriter, readFeedback } from './transport-feedback.ts'
import { ntpTime, writeNack, writePli, writeReceiverReport, writeSenderReport } from './write.ts'

test('NACKs ask for exactly the sequence numbers given', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 65535 }),
      (steps, base) => {
        const wanted = steps.toSorted((a, b) => a - b).map((step) => (base + step) & 0xffff)
        const asked: number[] = []
        assert.equal(parseRtcp(writeNack(9, wanted), { nack: (ssrc, sequence) => ssrc === 9 && asked.push(sequence) }), true)
        assert.deepEqual(asked, wanted)
      },
    ),
  )
})

test('reports and PLI come back as written', () => {
  const seen: unknown[] = []
  const block = { ssrc: 5, fractionLost: 12, lost: 345, highestSequence: 70000, jitter: 9, lastSr: 77, delaySinceLastSr: 88 }
  parseRtcp(writeReceiverReport([block]), { report: (...values) => seen.push(values) })
  parseRtcp(writePli(6), { keyframeRequest: (ssrc) => seen.push(ssrc) })
  parseRtcp(writeSenderReport(7, 1, 2, 3, 4, 5, 'name'), { senderReport: (...values) => seen.push(values) })
  assert.deepEqual(seen, [[5, 12, 345, 9, 77, 88], 6, [7, 1, 2, 3]])
})

test('transport-wide feedback says when each packet arrived', () => {
  const arrivals = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 20 }), wait: fc.integer({ min: 0, max: 200 }) }), {
    minLength: 1,
    maxLength: 100,
  })
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 0, max: 65535 }), (steps, base) => {
      const writer = new FeedbackWriter()
      const expected = new Map<number, number>()
      let sequence = base
      let at = 100_000
      for (const { gap, wait } of steps) {
        sequence = (sequence + gap) & 0xffff
        at += wait
        expected.set(sequence, at)
        writer.record(sequence, at)
      }
      const packet = writer.write(1)!
      assert.equal(packet.length % 4, 0)
      const seen = new Map<number, number>()
      assert.equal(
        readFeedback(packet, 0, packet.length, (number, arrival) => {
          if (!Number.isNaN(arrival)) seen.set(number, arrival)
        }),
        true,
      )
      assert.deepEqual([...seen.keys()].sort(), [...expected.keys()].sort())
      for (const [number, arrival] of expected) assert.ok(Math.abs(seen.get(number)! - arrival) <= 0.25)
      assert.equal(writer.write(1), undefined)
    }),
  )
})

test('any bytes are parsed within their bounds or refused', () => {
  const all = {
    senderReport() {},
    report() {},
    nack() {},
    keyframeRequest() {},
    remb: (bitrate: number) => assert.ok(Number.isFinite(bitrate)),
    transportFeedback: (packet: Buffer, start: number, end: number) => void readFeedback(packet, start, end, () => {}),
    bye() {},
  }
  const part = fc.record({
    count: fc.nat(31),
    type: fc.integer({ min: 199, max: 207 }),
    words: fc.nat(12),
    body: fc.uint8Array({ maxLength: 48 }),
  })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const packets = parts.map(({ count, type, words, body }) =>
        Buffer.concat([Buffer.from([0x80 | count, type, 0, words]), body]),
      )
      parseRtcp(Buffer.concat(packets), all)
    }),
    { numRuns: 2000 },
  )
})

test('NTP time of the Unix epoch', () => {
  assert.deepEqual(ntpTime(0), [2_208_988_800, 0])
  assert.deepEqual(ntpTime(500), [2_208_988_800, 0x80000000])
})
