import { TokenBucket } from './bucket.ts'
import { networkOf } from './network.ts'

export interface GuardLimits {
  /** Messages a second one unknown address (IPv6: one /64) may send, and how many at once. */
  perAddress: { rate: number; burst: number }
  /** The same for all unknown addresses together. */
  unknown: { rate: number; burst: number }
  /** The same for one address of a trunk. */
  trusted: { rate: number; burst: number }
  /** Addresses remembered at most. */
  addresses: number
}

const defaultGuardLimits: GuardLimits = {
  perAddress: { rate: 10, burst: 40 },
  unknown: { rate: 200, burst: 400 },
  trusted: { rate: 2_000, burst: 4_000 },
  addresses: 10_000,
}

/**
 * Decides from the source address alone, before parsing, whether a packet is worth reading.
 * Strangers share a small budget, so a flood of forged addresses cannot crowd out a trunk's packets.
 */
export class Guard {
  readonly #limits: GuardLimits
  readonly #isTrusted: (address: string) => boolean
  readonly #flooding: (address: string) => void
  readonly #buckets = new Map<string, { bucket: TokenBucket; trusted: boolean; reported: number }>()
  readonly #unknown: TokenBucket
  #swept = 0
  dropped = 0

  constructor(isTrusted: (address: string) => boolean, flooding: (address: string) => void, limits = defaultGuardLimits) {
    this.#limits = limits
    this.#isTrusted = isTrusted
    this.#flooding = flooding
    this.#unknown = new TokenBucket(limits.unknown.rate, limits.unknown.burst, 0)
  }

  /** True when the packet may be read. `now` in milliseconds. */
  admit(address: string, now = performance.now()): boolean {
    const trusted = this.#isTrusted(address)
    const entry = this.#entry(address, trusted, now)
    // The address's own bucket goes first: one noisy stranger must not empty the budget of the others.
    const admitted = entry?.bucket.take(now) === true && (trusted || this.#unknown.take(now))
    if (!admitted) {
      this.dropped++
      // One report a minute and address: reporting a flood must not become one.
      if (entry && now - entry.reported > 60_000) {
        entry.reported = now
        this.#flooding(address)
      }
    }
    return admitted
  }

  #entry(address: string, trusted: boolean, now: number) {
    const key = trusted ? address : networkOf(address)
    const known = this.#buckets.get(key)
    if (known?.trusted === trusted) return known
    if (!known && this.#buckets.size >= this.#limits.addresses) {
      this.#sweep(now)
      if (this.#buckets.size >= this.#limits.addresses && !trusted) return undefined
    }
    const { rate, burst } = trusted ? this.#limits.trusted : this.#limits.perAddress
    const entry = { bucket: new TokenBucket(rate, burst, now), trusted, reported: known?.reported ?? Number.NEGATIVE_INFINITY }
    this.#buckets.set(key, entry)
    return entry
  }

  #sweep(now: number): void {
    if (now - this.#swept < 1_000) return
    this.#swept = now
    for (const [address, { bucket }] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(address)
  }
}
