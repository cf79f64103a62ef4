import { extend, type RtpHeader, writePli } from '@parley/rtp'
import { PacketHistory } from './history.ts'

const MAX_GAP = 256
const NACK_RETRY_MS = 60
const NACK_LIMIT = 8
const NACK_LIFETIME_MS = 1_000
const PLI_INTERVAL_MS = 400
/** A layer without packets for this long is not being sent. */
const SILENT_MS = 1_200

/** One RTP stream as it comes from a publisher: an audio track, or one simulcast layer of a video track. */
export class Layer {
  readonly spatial: number
  readonly clockRate: number
  readonly history: PacketHistory
  ssrc = 0
  rtxSsrc = 0
  /** Counts how often the stream started anew with another SSRC: what was known of sequence numbers is void then. */
  generation = 0
  /** Extended sequence number of the last packet taken; 0 before the first. */
  sequence = 0
  highest = 0
  lastPacketAt = 0
  /** Bits per second, updated by measure(). */
  bitrate = 0
  packets = 0
  bytes = 0
  /** Last sender report: its NTP time in Unix milliseconds, RTP timestamp, the middle 32 bits and when it came. */
  srNtpMs = 0
  srNtpHigh = 0
  srNtpLow = 0
  srRtp = 0
  srAt = 0
  jitter = 0
  #first = 0
  #missing = new Map<number, { tries: number; at: number; since: number }>()
  #lastTransit = Number.NaN
  #lastPliAt = 0
  #measuredBytes = 0
  #measuredAt = 0
  #reportedExpected = 0
  #reportedPackets = 0

  constructor(spatial: number, clockRate: number, historySize: number) {
    this.spatial = spatial
    this.clockRate = clockRate
    this.history = new PacketHistory(historySize)
  }

  isLive(now: number): boolean {
    return this.lastPacketAt !== 0 && now - this.lastPacketAt < SILENT_MS
  }

  /** The stream starts (again) with this SSRC. */
  start(ssrc: number): void {
    this.ssrc = ssrc
    this.generation++
    this.highest = 0
    this.sequence = 0
    this.#first = 0
    this.packets = 0
    this.srNtpMs = 0
    this.#reportedExpected = 0
    this.#reportedPackets = 0
    this.#lastTransit = Number.NaN
    this.#missing.clear()
    this.history.clear()
  }

  /** Takes a packet. Returns false for one seen before. Sequence numbers to ask for are told by collectMissing(). */
  receive(packet: Buffer, header: RtpHeader, now: number): boolean {
    let sequence: number
    if (this.highest === 0) {
      sequence = header.sequence + 0x10000
      this.highest = sequence
      this.#first = sequence
    } else {
      sequence = extend(header.sequence, this.highest)
      if (this.history.has(sequence)) return false
      if (sequence > this.highest) {
        this.#noteGap(sequence, now)
        this.highest = sequence
      } else this.#missing.delete(sequence)
    }
    this.sequence = sequence
    this.packets++
    this.bytes += packet.length
    this.lastPacketAt = now
    this.history.put(sequence, packet)
    const transit = (now * this.clockRate) / 1000 - header.timestamp
    if (Math.abs(transit - this.#lastTransit) < this.clockRate)
      this.jitter += (Math.abs(transit - this.#lastTransit) - this.jitter) / 16
    this.#lastTransit = transit
    return true
  }

  #noteGap(sequence: number, now: number): void {
    const gap = sequence - this.highest - 1
    if (gap <= 0 || gap > MAX_GAP) {
      if (gap > MAX_GAP) this.#missing.clear()
      return
    }
    for (let s = this.highest + 1; s < sequence; s++) this.#missing.set(s, { tries: 0, at: 0, since: now })
  }

  get hasMissing(): boolean {
    return this.#missing.size > 0
  }

  /** The sequence numbers (16 bit, ascending) to ask for now. */
  collectMissing(now: number, rttMs: number): number[] {
    const wanted: number[] = []
    const retry = Math.max(NACK_RETRY_MS, rttMs * 1.2)
    for (const [sequence, entry] of this.#missing) {
      if (entry.tries >= NACK_LIMIT || now - entry.since > NACK_LIFETIME_MS) {
        this.#missing.delete(sequence)
      } else if (entry.tries === 0 || now - entry.at >= retry) {
        entry.tries++
        entry.at = now
        wanted.push(sequence & 0xffff)
      }
    }
    return wanted
  }

  /** A keyframe request to send to the publisher, undefined when one went out a moment ago. */
  requestKeyframe(now: number): Buffer | undefined {
    if (this.ssrc === 0 || now - this.#lastPliAt < PLI_INTERVAL_MS) return undefined
    this.#lastPliAt = now
    return writePli(this.ssrc)
  }

  /** Updates the bit rate; to be called about once a second. */
  measure(now: number): void {
    if (this.#measuredAt !== 0 && now > this.#measuredAt) {
      this.bitrate = ((this.bytes - this.#measuredBytes) * 8000) / (now - this.#measuredAt)
    }
    this.#measuredBytes = this.bytes
    this.#measuredAt = now
  }

  /** The figures of a receiver report since the last one. */
  report(): { fractionLost: number; lost: number } {
    const expected = this.highest === 0 ? 0 : this.highest - this.#first + 1
    const expectedInterval = expected - this.#reportedExpected
    const lostInterval = expectedInterval - (this.packets - this.#reportedPackets)
    this.#reportedExpected = expected
    this.#reportedPackets = this.packets
    const fraction =
      expectedInterval <= 0 || lostInterval <= 0 ? 0 : Math.min(255, Math.floor((lostInterval * 256) / expectedInterval))
    return { fractionLost: fraction, lost: Math.max(0, expected - this.packets) }
  }
}
