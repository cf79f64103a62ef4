/** Values handed over one by one to whoever iterates; ends for good with `end`. */
export class AsyncQueue<T> {
  readonly #values: T[] = []
  #wake: (() => void) | undefined
  #ended = false

  put(value: T): void {
    if (this.#ended) return
    this.#values.push(value)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** Every value put, in order, until the end or until the signal aborts. */
  async *take(signal: AbortSignal): AsyncGenerator<T> {
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake, { once: true })
    try {
      while (!signal.aborted) {
        if (this.#values.length > 0) yield this.#values.shift()!
        else if (this.#ended) return
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
