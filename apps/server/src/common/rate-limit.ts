interface Bucket {
  level: number
  at: number
  owner: string
}

/**
 * A token bucket for each key: `burst` at once, refilled at `perSecond`. A full bucket is not kept, and asking makes none.
 * Of at most `maxKeys` others, those go first whose owner (the network that caused them) holds most, so that nobody can
 * make the limits of others be forgotten.
 */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>()
  readonly #burst: number
  readonly #perSecond: number
  readonly #maxKeys: number
  readonly #millis: () => number

  constructor(options: { burst: number; perSecond: number; maxKeys?: number; millis?: () => number }) {
    this.#burst = options.burst
    this.#perSecond = options.perSecond
    this.#maxKeys = options.maxKeys ?? 50_000
    this.#millis = options.millis ?? Date.now
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#buckets.size
  }

  /** Take one. Returns 0, or the whole seconds to wait when nothing is left. `owner`: who caused the key, if not the key itself. */
  take(key: string, owner = key): number {
    const level = this.#levelOf(key)
    if (level < 1) return this.#seconds(level)
    this.#keep(key, level - 1, owner)
    return 0
  }

  /** The whole seconds to wait before one can be taken; takes nothing. */
  wait(key: string): number {
    const level = this.#levelOf(key)
    return level < 1 ? this.#seconds(level) : 0
  }

  /** Give back one that was taken: what it paid for turned out to be harmless. */
  restore(key: string): void {
    const owner = this.#buckets.get(key)?.owner
    if (owner !== undefined) this.#keep(key, this.#levelOf(key) + 1, owner)
  }

  #seconds(level: number): number {
    return Math.max(1, Math.ceil((1 - level) / this.#perSecond))
  }

  #levelOf(key: string): number {
    const bucket = this.#buckets.get(key)
    return bucket === undefined ? this.#burst : this.#refilled(bucket, this.#millis())
  }

  #refilled({ level, at }: Bucket, now: number): number {
    return Math.min(this.#burst, level + ((now - at) / 1000) * this.#perSecond)
  }

  #keep(key: string, level: number, owner: string): void {
    // Deleting and setting again keeps the map in order of use.
    this.#buckets.delete(key)
    if (level < this.#burst) this.#buckets.set(key, { level, at: this.#millis(), owner })
    if (this.#buckets.size > this.#maxKeys) this.#makeRoom()
  }

  /** Forget the full ones; if that is not enough, a hundredth of all, the oldest half of the greatest owners first. */
  #makeRoom(): void {
    const now = this.#millis()
    for (const [key, bucket] of this.#buckets) if (this.#refilled(bucket, now) >= this.#burst) this.#buckets.delete(key)
    let excess = this.#buckets.size - Math.floor(this.#maxKeys * 0.99)
    if (this.#buckets.size <= this.#maxKeys) return
    const byOwner = Map.groupBy(this.#buckets, ([, { owner }]) => owner)
    for (const entries of [...byOwner.values()].sort((a, b) => b.length - a.length)) {
      const gone = entries.slice(0, Math.min(excess, Math.ceil(entries.length / 2)))
      for (const [key] of gone) this.#buckets.delete(key)
      excess -= gone.length
      if (excess <= 0) return
    }
  }
}
