import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedbackWriter } from '@parley/rtp'
import { seeded } from '../../test/harness/udp-proxy.ts'
import { BandwidthEstimator } from './estimator.ts'

/** Sends `bps` over a link that carries `capacity` with a queue and loses packets as `isLost` says, for `ms`; returns the clock. */
function drive(
  estimator: BandwidthEstimator,
  bps: number,
  capacity: number,
  from: number,
  ms: number,
  isLost: () => boolean = () => false,
  reportMs = 60,
): number {
  const writer = new FeedbackWriter()
  const gap = (1200 * 8000) / bps
  let freeAt = from
  let reportAt = from + reportMs
  const inFlight: { sequence: number; at: number }[] = []
  for (let now = from; now < from + ms; now += gap) {
    const sequence = estimator.next(1200, now)
    freeAt = Math.max(freeAt, now) + (1200 * 8000) / capacity
    // A queue of more than 400 ms drops.
    if (isLost()) freeAt -= (1200 * 8000) / capacity
    else if (freeAt - now < 400) inFlight.push({ sequence, at: freeAt + 20 })
    else freeAt -= (1200 * 8000) / capacity
    while (inFlight.length > 0 && inFlight[0]!.at <= now) {
      const { sequence: arrived, at } = inFlight.shift()!
      writer.record(arrived, at)
    }
    if (now >= reportAt && !writer.isEmpty) {
      reportAt = now + reportMs
      for (const packet of writer.write(1)) assert.equal(estimator.feedback(packet, 0, packet.length, now), true)
    }
  }
  return from + ms
}

test('on a free link the estimate rises above what is sent', () => {
  const estimator = new BandwidthEstimator()
  drive(estimator, 1_500_000, 20_000_000, 1000, 10_000)
  assert.ok(estimator.estimate > 1_800_000, String(estimator.estimate))
  assert.equal(estimator.droppedAt, 0)
})

test('on a thin link the estimate falls to what the link carries', () => {
  const estimator = new BandwidthEstimator()
  drive(estimator, 1_500_000, 400_000, 1000, 5_000)
  assert.ok(estimator.estimate < 450_000, String(estimator.estimate))
  assert.ok(estimator.droppedAt > 0)
})

for (const seed of [1, 2, 3]) {
  test(`one packet in twenty lost at random is no congestion, one in three is (seed ${seed})`, () => {
    const random = seeded(seed)
    const estimator = new BandwidthEstimator()
    const now = drive(estimator, 500_000, 20_000_000, 1000, 60_000, () => random() < 0.05, 240)
    assert.equal(estimator.droppedAt, 0)
    drive(estimator, 500_000, 20_000_000, now, 3_000, () => random() < 0.33, 240)
    assert.ok(estimator.droppedAt > 0)
  })
}

test('a malformed message is refused', () => {
  assert.equal(new BandwidthEstimator().feedback(Buffer.alloc(19), 0, 19, 1), false)
})
