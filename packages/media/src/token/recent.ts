const KEEP_MS = 7 * 24 * 3600_000
const MAX_KEPT = 100_000

/** Something remembered of people in rooms for a week, the hundred thousand last of them. */
export class Recent<T> {
  readonly #entries = new Map<string, { value: T; at: number }>()

  get(room: string, identity: string): T | undefined {
    return this.#entries.get(keyOf(room, identity))?.value
  }

  /** Remembers; undefined forgets. */
  set(room: string, identity: string, value: T | undefined): void {
    const key = keyOf(room, identity)
    this.#entries.delete(key)
    if (value !== undefined) this.#entries.set(key, { value, at: Date.now() })
    for (const [old, { at }] of this.#entries) {
      if (this.#entries.size <= MAX_KEPT && Date.now() - at < KEEP_MS) break
      this.#entries.delete(old)
    }
  }
}

function keyOf(room: string, identity: string): string {
  return JSON.stringify([room, identity])
}
