/** Lets callers wait until something of several steps has come about, for a time. */
export class Condition {
  readonly #over: () => Error | undefined
  readonly #waiting = new Set<() => void>()

  /** `over` tells why nothing more will come about, once that is so. */
  constructor(over: () => Error | undefined) {
    this.#over = over
  }

  /** Something has changed: who waits looks again. */
  changed(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** Wait until `done` holds. Rejects when nothing more will come, or after `timeout` milliseconds. */
  until(done: () => boolean, timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => settle(new Error('the meeting server did not answer in time')), timeout)
      const settle = (error?: Error) => {
        clearTimeout(late)
        this.#waiting.delete(look)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        const over = this.#over()
        if (over) settle(over)
        else if (done()) settle()
      }
      this.#waiting.add(look)
      look()
    })
  }
}
