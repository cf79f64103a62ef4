import { extend } from '../sequence.ts'
import { LOCAL_SSRC } from './write.ts'

const TICK_MS = 0.25
const REFERENCE_MS = 64
/** More would make a feedback packet larger than the MTU. */
const MAX_PACKETS = 400
/** Arrivals told already are kept this long, so that a message that reaches back to a late packet does not call them lost. */
const KEEP_MS = 500
/** A leap by more is a new beginning, not a loss. */
const MAX_LEAP = 2_000

/**
 * Notes when each transport-wide sequence number arrived and writes the feedback a publisher's congestion control
 * needs (draft-holmer-rmcat-transport-wide-cc-extensions-01). Every number is told of: each message begins where the last
 * one ended, or at a packet that came late.
 */
export class FeedbackWriter {
  /** Arrival by extended sequence number, in the order of arrival. */
  readonly #arrivals = new Map<number, number>()
  /** First number not told of yet; undefined before the first packet. */
  #next: number | undefined
  #highest = 0x10000
  #hasNews = false
  #count = 0

  /** Arrival time in milliseconds of any monotonic clock. */
  record(sequence: number, arrivalMs: number): void {
    let extended = extend(sequence, this.#highest)
    if (this.#next === undefined || Math.abs(extended - this.#highest) > MAX_LEAP) {
      extended = sequence + 0x10000
      this.#arrivals.clear()
      this.#next = this.#highest = extended
    }
    if (this.#arrivals.has(extended) || this.#highest - extended > MAX_PACKETS) return
    this.#arrivals.set(extended, arrivalMs)
    this.#hasNews = true
    if (extended > this.#highest) this.#highest = extended
    else if (extended < this.#next) this.#next = extended
  }

  get isEmpty(): boolean {
    return !this.#hasNews
  }

  /** Writes the feedback for what arrived since the last: one packet, more after a burst, none when nothing did. */
  write(mediaSsrc: number): Buffer[] {
    if (!this.#hasNews || this.#next === undefined) return []
    const packets: Buffer[] = []
    for (let from = this.#next; from <= this.#highest; from += MAX_PACKETS) {
      const packet = this.#describe(mediaSsrc, from, Math.min(this.#highest, from + MAX_PACKETS - 1))
      if (packet !== undefined) packets.push(packet)
    }
    this.#next = this.#highest + 1
    this.#hasNews = false
    this.#forget()
    return packets
  }

  #forget(): void {
    const newest = this.#arrivals.get(this.#highest)!
    for (const [sequence, arrival] of this.#arrivals) {
      if (newest - arrival <= KEEP_MS) break
      this.#arrivals.delete(sequence)
    }
  }

  #describe(mediaSsrc: number, from: number, to: number): Buffer | undefined {
    const symbols: number[] = []
    const deltas: number[] = []
    let referenceTime = 0
    let previous = 0
    for (let sequence = from; sequence <= to; sequence++) {
      const arrival = this.#arrivals.get(sequence)
      if (arrival === undefined) {
        symbols.push(0)
        continue
      }
      if (deltas.length === 0) {
        referenceTime = Math.floor(arrival / REFERENCE_MS)
        previous = referenceTime * REFERENCE_MS
      }
      const ticks = Math.max(-32768, Math.min(32767, Math.round((arrival - previous) / TICK_MS)))
      previous += ticks * TICK_MS
      symbols.push(ticks >= 0 && ticks < 256 ? 1 : 2)
      deltas.push(ticks)
    }
    // As many losses in a row: the link was cut, and there is no time to tell them by.
    return deltas.length === 0 ? undefined : this.#encode(mediaSsrc, from & 0xffff, referenceTime, symbols, deltas)
  }

  #encode(mediaSsrc: number, base: number, referenceTime: number, symbols: number[], deltas: number[]): Buffer {
    const chunks = Math.ceil(symbols.length / 7)
    let size = 20 + chunks * 2
    for (const ticks of deltas) size += ticks >= 0 && ticks < 256 ? 1 : 2
    const padded = Math.ceil(size / 4) * 4
    const packet = Buffer.alloc(padded)
    const padding = padded - size
    packet[0] = 0x80 | (padding > 0 ? 0x20 : 0) | 15
    packet[1] = 205
    packet.writeUInt16BE(padded / 4 - 1, 2)
    packet.writeUInt32BE(LOCAL_SSRC, 4)
    packet.writeUInt32BE(mediaSsrc, 8)
    packet.writeUInt16BE(base, 12)
    packet.writeUInt16BE(symbols.length, 14)
    packet.writeUIntBE(referenceTime & 0xffffff, 16, 3)
    packet[19] = this.#count
    this.#count = (this.#count + 1) & 0xff
    let at = 20
    for (let start = 0; start < symbols.length; start += 7) {
      // Status vector chunk with two-bit symbols.
      let chunk = 0xc000
      for (let i = 0; i < 7; i++) chunk |= (symbols[start + i] ?? 0) << (12 - i * 2)
      packet.writeUInt16BE(chunk, at)
      at += 2
    }
    for (const ticks of deltas) {
      if (ticks >= 0 && ticks < 256) packet[at++] = ticks
      else {
        packet.writeInt16BE(ticks, at)
        at += 2
      }
    }
    if (padding > 0) packet[padded - 1] = padding
    return packet
  }
}

/** Called for each packet a feedback message speaks of; arrivalMs is NaN for a lost one, relative to the receiver's clock. */
export type FeedbackVisitor = (sequence: number, arrivalMs: number) => void

/** Reads a transport-wide feedback message at [start, end). Returns false when it is malformed. */
export function readFeedback(packet: Buffer, start: number, end: number, visit: FeedbackVisitor): boolean {
  if (start + 20 > end) return false
  const base = packet.readUInt16BE(start + 12)
  const count = packet.readUInt16BE(start + 14)
  const referenceMs = packet.readIntBE(start + 16, 3) * REFERENCE_MS
  const symbols: number[] = []
  let at = start + 20
  while (symbols.length < count) {
    if (at + 2 > end) return false
    const chunk = packet.readUInt16BE(at)
    at += 2
    if ((chunk & 0x8000) === 0) {
      const run = Math.min(chunk & 0x1fff, count - symbols.length)
      if (run === 0) return false
      for (let i = 0; i < run; i++) symbols.push((chunk >> 13) & 3)
    } else if ((chunk & 0x4000) === 0) {
      for (let i = 13; i >= 0 && symbols.length < count; i--) symbols.push((chunk >> i) & 1)
    } else {
      for (let i = 12; i >= 0 && symbols.length < count; i -= 2) symbols.push((chunk >> i) & 3)
    }
  }
  let time = referenceMs
  for (let i = 0; i < count; i++) {
    const symbol = symbols[i]!
    if (symbol === 1) {
      if (at + 1 > end) return false
      time += packet[at]! * TICK_MS
      at += 1
    } else if (symbol === 2) {
      if (at + 2 > end) return false
      time += packet.readInt16BE(at) * TICK_MS
      at += 2
    }
    visit((base + i) & 0xffff, symbol === 1 || symbol === 2 ? time : Number.NaN)
  }
  return true
}
