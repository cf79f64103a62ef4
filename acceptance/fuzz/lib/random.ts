/** Numbers that depend on a seed and an index alone, so that one input of a million can be made again by itself. */
export class Random {
  #state: number

  constructor(seed: number, index: number) {
    // Two rounds of splitmix32 keep neighbours apart.
    let mixed = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97) >>> 0
    this.#state = (mixed ^ (mixed >>> 15)) >>> 0 || 1
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    // xorshift32
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % bound
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  pick<T>(some: readonly T[]): T {
    return some[this.below(some.length)]!
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at++) bytes[at] = this.below(256)
    return bytes
  }
}
