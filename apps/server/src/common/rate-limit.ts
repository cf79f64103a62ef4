/** A token bucket for each key: `burst` at once, refilled at `perSecond`. Keeps at most `maxKeys` of them. */
export class RateLimit {
  readonly #buckets = new Map<string, { level: number; at: number }>()
  readonly #burst: number
  readonly #perSecond: number
  readonly #maxKeys: number
  readonly #millis: () => number

  constructor(options: { burst: number; perSecond: number; maxKeys?: number; millis?: () => number }) {
    this.#burst = options.burst
    this.#perSecond = options.perSecond
    this.#maxKeys = options.maxKeys ?? 10_000
    this.#millis = options.millis ?? Date.now
  }

  /** Take one. Returns 0, or the whole seconds to wait when nothing is left. */
  take(key: string): number {
    const bucket = this.#refilled(key)
    if (bucket.level < 1) return Math.max(1, Math.ceil((1 - bucket.level) / this.#perSecond))
    bucket.level -= 1
    return 0
  }

  /** The whole seconds to wait before one can be taken; takes nothing. */
  wait(key: string): number {
    const bucket = this.#refilled(key)
    return bucket.level < 1 ? Math.max(1, Math.ceil((1 - bucket.level) / this.#perSecond)) : 0
  }

  /** Give back one that was taken: what it paid for turned out to be harmless. */
  restore(key: string): void {
    const bucket = this.#refilled(key)
    bucket.level = Math.min(this.#burst, bucket.level + 1)
  }

  #refilled(key: string): { level: number; at: number } {
    const now = this.#millis()
    const known = this.#buckets.get(key)
    const bucket = known ?? { level: this.#burst, at: now }
    bucket.level = Math.min(this.#burst, bucket.level + ((now - bucket.at) / 1000) * this.#perSecond)
    bucket.at = now
    // Deleting and setting again keeps the map in order of use; the oldest goes first.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#maxKeys) this.#buckets.delete(this.#buckets.keys().next().value!)
    return bucket
  }
}
