/** RFC 3261 section 17 and table 4, milliseconds. Shorter ones serve tests. */
export interface SipTimers {
  t1: number
  t2: number
  t4: number
}

export const rfcTimers: SipTimers = { t1: 500, t2: 4_000, t4: 5_000 }

/** Named timers of one state machine, all stopped at once. */
export class TimerSet {
  readonly #running = new Map<string, NodeJS.Timeout>()

  start(name: string, milliseconds: number, action: () => void): void {
    this.stop(name)
    this.#running.set(
      name,
      setTimeout(() => {
        this.#running.delete(name)
        action()
      }, milliseconds),
    )
  }

  stop(name: string): void {
    clearTimeout(this.#running.get(name))
    this.#running.delete(name)
  }

  stopAll(): void {
    for (const timer of this.#running.values()) clearTimeout(timer)
    this.#running.clear()
  }

  /** Repeat an action after `first`, then twice as long each time up to `cap`, until stopped. */
  backoff(name: string, first: number, cap: number, action: () => void): void {
    this.start(name, first, () => {
      // Set again before the action, which may stop it.
      this.backoff(name, Math.min(first * 2, cap), cap, action)
      action()
    })
  }
}
