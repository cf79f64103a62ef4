import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ntpTime } from '../ntp.ts'
import { parseRtcp } from './parse.ts'
import { FeedbackWriter, readFeedback } from './transport-feedback.ts'
import { writeNack, writePli, writeReceiverReport, writeReport } from './write.ts'

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
  const block = {
    ssrc: 5,
    fractionLost: 12 / 256,
    lost: 345,
    highest: 70000,
    jitter: 9,
    lastSenderReport: 77,
    delaySinceSenderReport: 88,
  }
  parseRtcp(writeReceiverReport([block]), { report: (...values) => seen.push(values) })
  parseRtcp(writePli(6), { keyframeRequest: (ssrc) => seen.push(ssrc) })
  const sender = { ssrc: 7, ntp: [1, 2] as [number, number], timestamp: 3, packets: 4, octets: 5 }
  parseRtcp(writeReport(sender, [], 'name'), { senderReport: (...values) => seen.push(values) })
  assert.deepEqual(seen, [[5, 12, 345, 9, 77, 88, 70000], 6, [7, 1, 2, 3, 4, 5]])
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
      const seen = told(writer.write(1)).arrived
      assert.deepEqual([...seen.keys()].sort(), [...expected.keys()].sort())
      for (const [number, arrival] of expected) assert.ok(Math.abs(seen.get(number)! - arrival) <= 0.25)
      assert.deepEqual(writer.write(1), [])
    }),
  )
})

/** What feedback packets say, all together. */
function told(packets: Buffer[]): { arrived: Map<number, number>; lost: number[]; all: number[] } {
  const seen = { arrived: new Map<number, number>(), lost: [] as number[], all: [] as number[] }
  for (const packet of packets) {
    assert.equal(packet.length % 4, 0)
    assert.ok(packet.length <= 1200, `${packet.length} bytes`)
    const isRead = readFeedback(packet, 0, packet.length, (number, arrival) => {
      seen.all.push(number)
      if (Number.isNaN(arrival)) seen.lost.push(number)
      else seen.arrived.set(number, arrival)
    })
    assert.equal(isRead, true)
  }
  return seen
}

test('a loss between two feedback messages is told of, over a wrap too', () => {
  for (const base of [100, 65_534]) {
    const writer = new FeedbackWriter()
    writer.record(base, 1000)
    assert.deepEqual(told(writer.write(1)).all, [base])
    writer.record((base + 3) & 0xffff, 1060)
    const { all, lost } = told(writer.write(1))
    assert.deepEqual(
      all,
      [1, 2, 3].map((step) => (base + step) & 0xffff),
    )
    assert.deepEqual(
      lost,
      [1, 2].map((step) => (base + step) & 0xffff),
    )
  }
})

test('a packet that comes late is told of, and those told before are not called lost', () => {
  const writer = new FeedbackWriter()
  for (const [sequence, at] of [
    [65_533, 1000],
    [65_535, 1010],
    [0, 1020],
  ] as const)
    writer.record(sequence, at)
  assert.deepEqual(told(writer.write(1)).lost, [65_534])
  writer.record(65_534, 1050)
  writer.record(1, 1060)
  const { all, lost, arrived } = told(writer.write(1))
  assert.deepEqual(all, [65_534, 65_535, 0, 1])
  assert.deepEqual(lost, [])
  assert.ok(Math.abs(arrived.get(65_534)! - 1050) <= 0.25)
})

test('every number is told of at least once, whatever is lost, late or repeated', () => {
  const step = fc.record({ isLost: fc.boolean(), delay: fc.nat(6), isWritten: fc.boolean(), isTwice: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 120 }), fc.nat(65535), (steps, base) => {
      const writer = new FeedbackWriter()
      const order = steps
        .map((item, i) => ({ ...item, sequence: (base + i) & 0xffff, at: 5000 + (i + item.delay) * 3, place: i + item.delay }))
        .filter(({ isLost }) => !isLost)
        .sort((a, b) => a.place - b.place)
      if (order.length === 0) return
      const packets: Buffer[] = []
      for (const { sequence, at, isWritten, isTwice } of order) {
        writer.record(sequence, at)
        if (isTwice) writer.record(sequence, at + 1)
        if (isWritten) packets.push(...writer.write(1))
      }
      packets.push(...writer.write(1))
      const { arrived, all } = told(packets)
      for (const { sequence, at } of order) assert.ok(Math.abs(arrived.get(sequence)! - at) <= 0.25, `${sequence}`)
      const offsets = order.map(({ sequence }) => (sequence - base) & 0xffff)
      const from = offsets[0]!
      const to = Math.max(...offsets)
      for (let i = from; i <= to; i++) assert.ok(all.includes((base + i) & 0xffff), `${i} was not told of`)
    }),
  )
})

test('a burst makes several messages, a leap in the numbers a new beginning', () => {
  const writer = new FeedbackWriter()
  for (let i = 0; i < 1000; i++) writer.record(i, 1000 + i / 20)
  const packets = writer.write(1)
  assert.equal(packets.length, 3)
  assert.equal(told(packets).arrived.size, 1000)
  writer.record(40_000, 1100)
  assert.deepEqual(told(writer.write(1)).all, [40_000])
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
