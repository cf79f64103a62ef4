/** Calls everybody every 20 ms, and makes up for beats that came late. */
export class Beats {
  readonly members = new Set<() => void>()
  readonly #timer: NodeJS.Timeout
  #due = performance.now()
  /** How late the latest beat was, milliseconds. */
  lateMs = 0

  constructor() {
    this.#timer = setInterval(() => {
      for (; this.#due <= performance.now(); this.#due += 20) {
        this.lateMs = Math.max(this.lateMs, performance.now() - this.#due)
        for (const member of this.members) member()
      }
    }, 4)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** Wait some milliseconds. */
export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The value below which that share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN
}
