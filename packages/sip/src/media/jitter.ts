import type { RtpPacket } from '@parley/rtp'
import type { AudioCodec } from './codec.ts'
import { Concealer } from './conceal.ts'
import { concatPcm, frameMs } from './pcm.ts'

export interface JitterStats {
  /** Packets that came in time, too late, and frames made up for those that never came. */
  played: number
  late: number
  concealed: number
  /** Milliseconds a packet waits on average: the target depth. */
  depth: number
}

const minDepth = 40
const maxDepth = 200
const maxPackets = 100
/** After so many frames without a late packet the depth shrinks again, where packets wait that long in vain. */
const calmPulls = 200
const loneMs = 120
const mostExcess = 80

/**
 * Turns packets that come unevenly, out of order or not at all into one frame of sound each 20 ms.
 * The depth follows what the line needs: it grows when packets come late and shrinks again when they do not.
 */
export class JitterBuffer {
  readonly #codec: AudioCodec
  readonly #concealer: Concealer
  readonly #packets = new Map<number, Buffer>()
  /** Timestamp units a millisecond. */
  readonly #units: number
  #latest: number | undefined
  #next = 0
  #ready: Int16Array = new Int16Array(0)
  #filling = true
  #started = false
  #dry = 0
  #depth = minDepth
  #calmPulls = 0
  #lowest = Number.POSITIVE_INFINITY
  readonly #stats = { played: 0, late: 0, concealed: 0 }

  constructor(codec: AudioCodec) {
    this.#codec = codec
    this.#concealer = new Concealer(codec.sampleRate)
    this.#units = codec.clockRate / 1000
  }

  get stats(): JitterStats {
    return { ...this.#stats, depth: this.#depth }
  }

  /** Whether any audio has come. */
  get started(): boolean {
    return this.#started
  }

  /** Whether there is nothing to play now: what `pull` gives would be made up. */
  get silent(): boolean {
    return this.#filling && !this.#filled()
  }

  /** Whether no packet waits to be played. */
  get dry(): boolean {
    return this.#packets.size === 0
  }

  /** A comfort-noise packet (RFC 3389): its first byte is the level below full scale. */
  comfortNoise(payload: Uint8Array): void {
    this.#concealer.noiseLevel = -(payload[0] ?? 70)
  }

  /** Take a packet of the codec. */
  push({ timestamp, payload }: Pick<RtpPacket, 'timestamp' | 'payload'>): void {
    const extended = this.#extend(timestamp)
    const frame = frameMs * this.#units
    if (this.#started && !this.#filling) {
      // A jump of the clock (another source, a restart) is not a gap to wait for.
      if (Math.abs(extended - this.#next) > 2_000 * this.#units) this.#restart()
      else if (extended <= this.#next - frame / 2) {
        this.#lateBy(this.#next - extended)
        return
      }
    }
    this.#started = true
    // A lone packet from before a silence must not be waited with.
    if (this.#filling && extended - this.#oldest() > loneMs * this.#units) this.#packets.clear()
    if (this.#packets.size >= maxPackets) this.#packets.delete(Math.min(...this.#packets.keys()))
    this.#packets.set(extended, payload)
  }

  /** The next 20 ms. */
  pull(): Int16Array {
    const samples = (this.#codec.sampleRate * frameMs) / 1000
    const parts: Int16Array[] = [this.#ready]
    for (let have = this.#ready.length; have < samples; ) {
      const part = this.#step(samples - have)
      parts.push(part)
      have += part.length
    }
    const all = concatPcm(parts)
    this.#ready = all.slice(samples)
    this.#adapt()
    return all.subarray(0, samples)
  }

  #step(samples: number): Int16Array {
    if (this.#filling && !this.#filled()) return this.#concealer.conceal(samples)
    const oldest = this.#oldest()
    return oldest <= this.#next ? this.#play(oldest) : this.#missing(samples, oldest - this.#next)
  }

  /** Decode the packet at hand, without what its timestamp says has been played. Empty when nothing is left of it. */
  #play(timestamp: number): Int16Array {
    const pcm = this.#codec.decode(this.#packets.get(timestamp)!)
    this.#packets.delete(timestamp)
    const skip = this.#samplesOf(this.#next - timestamp)
    if (!pcm || pcm.length <= skip) return new Int16Array(0)
    this.#dry = 0
    this.#stats.played++
    this.#next += this.#unitsOf(pcm.length - skip)
    return this.#concealer.good(pcm.subarray(skip))
  }

  #missing(samples: number, gap: number): Int16Array {
    // Timestamps need not fall on whole frames: a gap smaller than what is needed is filled exactly.
    const missing = Math.max(1, Math.min(samples, gap === Number.POSITIVE_INFINITY ? samples : this.#samplesOf(gap)))
    this.#next += this.#unitsOf(missing)
    this.#stats.concealed += missing / ((this.#codec.sampleRate * frameMs) / 1000)
    this.#dry = gap === Number.POSITIVE_INFINITY ? this.#dry + 1 : 0
    if (this.#dry > 4) this.#restart()
    return this.#concealer.conceal(missing)
  }

  #samplesOf(units: number): number {
    return Math.round((units * this.#codec.sampleRate) / this.#codec.clockRate)
  }

  #unitsOf(samples: number): number {
    return (samples * this.#codec.clockRate) / this.#codec.sampleRate
  }

  #filled(): boolean {
    if (this.#packets.size === 0) return false
    const oldest = this.#oldest()
    const newest = Math.max(...this.#packets.keys())
    if (newest - oldest + frameMs * this.#units < this.#depth * this.#units) return false
    this.#filling = false
    this.#next = oldest
    this.#lowest = Number.POSITIVE_INFINITY
    return true
  }

  #restart(): void {
    this.#filling = true
    this.#dry = 0
    this.#packets.clear()
  }

  #oldest(): number {
    return this.#packets.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...this.#packets.keys())
  }

  #lateBy(units: number): void {
    this.#stats.late++
    this.#calmPulls = 0
    const grown = Math.min(maxDepth, this.#depth + Math.min(40, Math.ceil(units / this.#units / frameMs) * frameMs))
    // Stand still for as long as the depth grows: what follows is heard later, but whole.
    this.#next -= (grown - this.#depth) * this.#units
    this.#depth = grown
  }

  /** Once a second: give back delay that nothing needs. */
  #adapt(): void {
    if (this.#filling) return
    const buffered = this.#packets.size === 0 ? 0 : Math.max(...this.#packets.keys()) + frameMs * this.#units - this.#next
    this.#lowest = Math.min(this.#lowest, buffered / this.#units)
    this.#calmPulls++
    if (this.#calmPulls % 50 !== 0) return
    if (this.#calmPulls >= calmPulls && this.#depth > minDepth && this.#lowest > frameMs) this.#depth -= frameMs
    const excess = this.#lowest - this.#depth
    // A little is given back frame by frame; what piled up while nobody pulled goes at once.
    const frames = excess > mostExcess ? Math.floor(excess / frameMs) : excess > frameMs ? 1 : 0
    for (let frame = 0; frame < frames; frame++) {
      this.#packets.delete(this.#next)
      this.#next += frameMs * this.#units
    }
    this.#lowest = Number.POSITIVE_INFINITY
  }

  #extend(timestamp: number): number {
    if (this.#latest === undefined) this.#latest = timestamp
    else this.#latest += (timestamp - this.#latest) | 0
    return this.#latest
  }
}
