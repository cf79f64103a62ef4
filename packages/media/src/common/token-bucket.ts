/** How often something may be done: `burst` at once, `perSecond` after that. */
export interface Rate {
  burst: number
  perSecond: number
}

/** A token bucket. Times are milliseconds of any monotonic clock. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes `cost` tokens when there are as many; returns whether there were. */
  take(now: number, cost = 1): boolean {
    this.#fill(now)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Milliseconds until `cost` tokens are there; 0 when they are. A cost above the burst counts as the burst. */
  wait(now: number, cost = 1): number {
    this.#fill(now)
    const lacking = Math.min(cost, this.#rate.burst) - this.#tokens
    return lacking <= 0 ? 0 : (lacking * 1000) / this.#rate.perSecond
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate
    if (now <= this.#at) return
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
  }
}
