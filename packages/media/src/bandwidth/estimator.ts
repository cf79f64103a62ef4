import { distance, readFeedback } from '@parley/rtp'

const RING = 8192
const START_BPS = 1_500_000
const MIN_BPS = 60_000
const MAX_BPS = 50_000_000
/** Standing queue above which the link counts as overused. */
const OVERUSE_MS = 90
const LOSS_LIMIT = 0.1
/** What of earlier windows still counts for the loss: one window of a single video holds too few packets to tell 5 % from 10 %. */
const LOSS_MEMORY = 0.9
/** Loss in one window that needs no second look. */
const HEAVY_LOSS = 0.3
const HEAVY_LOSS_PACKETS = 6
const WINDOW_MS = 500
const BLIND_MS = 2_500
const BASE_MEMORY_MS = 15_000

/**
 * How much a subscriber's link carries, from its transport-wide feedback: the delay packets pick up on the way, how many
 * are lost and how many bits a second arrive. Rises by a few per cent a second while sending is near the estimate, falls to
 * below what arrived when a queue builds or a tenth is lost.
 */
export class BandwidthEstimator {
  /** Bits per second. */
  estimate = START_BPS
  /** Share of packets lost lately, 0 to 1: over about ten windows, the last counting most. */
  loss = 0
  /** Bits per second that arrived in the last window. */
  delivered = 0
  /** Milliseconds of standing queue. */
  queueMs = 0
  /** Time of the last fall; 0 before one. */
  droppedAt = 0
  readonly #sentAt = new Float64Array(RING)
  readonly #size = new Uint16Array(RING)
  #next = Math.floor(Math.random() * 0x8000)
  #base = Number.POSITIVE_INFINITY
  #baseAt = 0
  #highest = -1
  #windowAt = 0
  #windowBytes = 0
  #windowSent = 0
  #windowLost = 0
  /** As though packets had arrived before the first, so that a lost one at the start is not taken for much. */
  #recentSent = 100
  #recentLost = 0
  #windowFirst = Number.NaN
  #windowLast = Number.NaN
  #windowDelays: number[] = []
  #receiverEstimate = 0
  #receiverEstimateAt = Number.NEGATIVE_INFINITY
  #visitNow = 0
  #firstSentAt = 0

  /** True when the client, though it gets media, tells nothing of how it arrives: then nothing can be estimated. */
  isBlind(now: number): boolean {
    return this.#highest < 0 && this.#receiverEstimate === 0 && this.#firstSentAt !== 0 && now - this.#firstSentAt > BLIND_MS
  }

  /** The client has told how packets arrive at least once. */
  get hasFeedback(): boolean {
    return this.#highest >= 0
  }

  /** Notes that a packet of `size` bytes goes out now; returns the transport-wide sequence number for it. */
  next(size: number, now: number): number {
    const sequence = this.#next
    this.#next = (sequence + 1) & 0xffff
    if (this.#firstSentAt === 0) this.#firstSentAt = now
    this.#sentAt[sequence & (RING - 1)] = now
    this.#size[sequence & (RING - 1)] = size
    return sequence
  }

  /** REMB from a client that estimates by itself. */
  receiverEstimate(bitrate: number, now: number): void {
    this.#receiverEstimate = Math.max(MIN_BPS, Math.min(MAX_BPS, bitrate))
    this.#receiverEstimateAt = now
    if (this.#highest < 0) this.estimate = this.#receiverEstimate
  }

  /** Takes a feedback message. Returns false when it is malformed. */
  feedback(packet: Buffer, start: number, end: number, now: number): boolean {
    this.#visitNow = now
    const ok = readFeedback(packet, start, end, this.#visit)
    if (this.#windowAt === 0) this.#windowAt = now
    if (now - this.#windowAt >= WINDOW_MS && this.#windowSent > 0) this.#close(now)
    return ok
  }

  readonly #visit = (sequence: number, arrival: number): void => {
    // A repeat of what an earlier message said would count a packet twice.
    if (this.#highest >= 0 && distance(sequence, this.#highest) <= 0) return
    this.#highest = sequence
    this.#windowSent++
    if (Number.isNaN(arrival)) {
      this.#windowLost++
      return
    }
    const slot = sequence & (RING - 1)
    const delay = arrival - this.#sentAt[slot]!
    this.#windowBytes += this.#size[slot]!
    if (Number.isNaN(this.#windowFirst)) this.#windowFirst = arrival
    this.#windowLast = arrival
    this.#windowDelays.push(delay)
    if (delay < this.#base || this.#visitNow - this.#baseAt > BASE_MEMORY_MS) {
      this.#base = delay
      this.#baseAt = this.#visitNow
    }
  }

  #close(now: number): void {
    this.#recentSent = this.#recentSent * LOSS_MEMORY + this.#windowSent
    this.#recentLost = this.#recentLost * LOSS_MEMORY + this.#windowLost
    const ofWindow = this.#windowLost / this.#windowSent
    const isHeavy = ofWindow > HEAVY_LOSS && this.#windowLost >= HEAVY_LOSS_PACKETS
    this.loss = isHeavy ? ofWindow : this.#recentLost / this.#recentSent
    const span = Math.max(this.#windowLast - this.#windowFirst, now - this.#windowAt, 1)
    this.delivered = (this.#windowBytes * 8000) / span
    const delays = this.#windowDelays.sort((a, b) => a - b)
    // The middle of the window: bursts come and go, a standing queue lifts the middle.
    this.queueMs = delays.length === 0 ? OVERUSE_MS * 2 : delays[delays.length >> 1]! - this.#base
    const isOverused = delays.length >= 5 && this.queueMs > OVERUSE_MS
    if (isOverused || this.loss > LOSS_LIMIT) {
      const factor = isOverused ? 0.85 : 1 - this.loss * 0.5
      this.estimate = Math.max(MIN_BPS, Math.min(this.estimate, this.delivered * factor + 10_000))
      this.droppedAt = now
    } else if (this.loss < LOSS_LIMIT / 2) {
      // A link that never complained is tried boldly; one that has is trusted little beyond what it has carried.
      const isNew = this.droppedAt === 0
      const ceiling = Math.max(this.delivered * (isNew ? 2 : 1.5) + (isNew ? 300_000 : 20_000), this.estimate)
      const growth = (isNew ? 0.4 : 0.08) * ((now - this.#windowAt) / 1000)
      this.estimate = Math.min(MAX_BPS, ceiling, this.estimate * (1 + growth) + 4_000)
    }
    if (now - this.#receiverEstimateAt < 3_000) this.estimate = Math.min(this.estimate, this.#receiverEstimate)
    this.#windowAt = now
    this.#windowBytes = 0
    this.#windowSent = 0
    this.#windowLost = 0
    this.#windowFirst = Number.NaN
    this.#windowLast = Number.NaN
    this.#windowDelays = []
  }
}
