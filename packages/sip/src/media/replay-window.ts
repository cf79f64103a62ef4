const size = 128

/** Remembers the last packet indexes, so that no packet is taken twice (RFC 3711 section 3.3.2). */
export class ReplayWindow {
  readonly #seen = new Float64Array(size).fill(-1)
  highest = -1

  /** Whether an index is new enough and has not been taken. */
  fresh(index: number): boolean {
    return index > this.highest - size && this.#seen[index % size] !== index
  }

  take(index: number): void {
    this.#seen[index % size] = index
    if (index > this.highest) this.highest = index
  }
}
