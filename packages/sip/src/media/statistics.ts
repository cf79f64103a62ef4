import type { ReportBlock } from '@parley/rtp'

/** Counts what arrives of one source, for RTCP and for the call's record (RFC 3550 appendices A.3 and A.8). */
export class ReceptionStatistics {
  ssrc = 0
  received = 0
  jitter = 0
  #base = 0
  #cycles = 0
  #highest = 0
  #expectedBefore = 0
  #receivedBefore = 0
  #transit: number | undefined
  #lastReport: { at: number; middle: number } | undefined

  /** Note a packet. `units` is its arrival in timestamp units. */
  packet(ssrc: number, sequence: number, timestamp: number, units: number): void {
    if (this.received === 0 || ssrc !== this.ssrc) this.#start(ssrc, sequence)
    this.received++
    const step = (sequence - this.#highest) & 0xffff
    if (step < 0x8000) {
      if (sequence < this.#highest) this.#cycles += 0x10000
      this.#highest = sequence
    }
    const transit = (units - timestamp) | 0
    if (this.#transit !== undefined) this.jitter += (Math.abs(transit - this.#transit) - this.jitter) / 16
    this.#transit = transit
  }

  #start(ssrc: number, sequence: number): void {
    this.ssrc = ssrc
    this.received = 0
    this.#base = sequence
    this.#highest = sequence
    this.#cycles = 0
    this.#transit = undefined
    this.#expectedBefore = 0
    this.#receivedBefore = 0
  }

  get expected(): number {
    return this.received === 0 ? 0 : this.#cycles + this.#highest - this.#base + 1
  }

  get lost(): number {
    return Math.max(0, this.expected - this.received)
  }

  /** Note a sender report of the peer. */
  senderReport(ntp: [number, number], now: number): void {
    this.#lastReport = { at: now, middle: (((ntp[0] & 0xffff) << 16) | (ntp[1] >>> 16)) >>> 0 }
  }

  /** The report block to send; nothing before the first packet. */
  report(now: number): ReportBlock | undefined {
    if (this.received === 0) return undefined
    const expected = this.expected - this.#expectedBefore
    const received = this.received - this.#receivedBefore
    this.#expectedBefore = this.expected
    this.#receivedBefore = this.received
    return {
      ssrc: this.ssrc,
      fractionLost: expected > 0 ? Math.max(0, (expected - received) / expected) : 0,
      lost: this.expected - this.received,
      highest: (this.#cycles + this.#highest) >>> 0,
      jitter: Math.round(this.jitter),
      lastSenderReport: this.#lastReport?.middle ?? 0,
      delaySinceSenderReport: this.#lastReport ? Math.round(((now - this.#lastReport.at) / 1000) * 65_536) : 0,
    }
  }
}
