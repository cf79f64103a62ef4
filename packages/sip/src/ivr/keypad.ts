/** Keys pressed, one at a time, in order. What was pressed before anyone asked waits. */
export class Keypad {
  readonly #pressed: string[] = []
  #waiting: ((key: string | undefined) => void) | undefined
  /** Called with every key at once, before anyone who waits for one. */
  onPress: (() => void) | undefined
  #closed = false

  press(key: string): void {
    this.onPress?.()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(key)
    // A caller who leans on the keys must not fill the memory.
    else if (this.#pressed.length < 64) this.#pressed.push(key)
  }

  /** Whether keys wait to be read. */
  get pending(): boolean {
    return this.#pressed.length > 0
  }

  /** The next key; nothing when none comes within `milliseconds` or the call has ended. */
  async next(milliseconds: number): Promise<string | undefined> {
    const key = this.#pressed.shift()
    if (key !== undefined || this.#closed) return key
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined
        resolve(undefined)
      }, milliseconds)
      this.#waiting = (pressed) => {
        clearTimeout(timer)
        resolve(pressed)
      }
    })
  }

  /** Whoever waits for a key gets nothing. */
  cancel(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(undefined)
  }

  /** Put keys back to the front. */
  unread(keys: readonly string[]): void {
    this.#pressed.unshift(...keys)
  }

  /** Forget what was pressed. */
  clear(): void {
    this.#pressed.length = 0
  }

  close(): void {
    this.#closed = true
    this.clear()
    this.cancel()
  }
}
