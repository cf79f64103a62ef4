/** A token bucket: `rate` tokens a second, at most `burst` saved up. */
export class TokenBucket {
  readonly #rate: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Take one token; false when there is none. `now` in milliseconds, never running backwards. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000)
    this.#at = Math.max(this.#at, now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Whether it has been idle long enough to be full, so that forgetting it changes nothing. */
  full(now: number): boolean {
    return this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000 >= this.#burst
  }
}
