/** The last packets of one stream by extended sequence number, kept by reference for retransmission. */
export class PacketHistory {
  readonly #packets: (Buffer | undefined)[]
  readonly #sequences: Float64Array
  readonly #mask: number

  /** `size` must be a power of two. */
  constructor(size: number) {
    this.#packets = new Array<Buffer | undefined>(size).fill(undefined)
    this.#sequences = new Float64Array(size).fill(-1)
    this.#mask = size - 1
  }

  put(sequence: number, packet: Buffer): void {
    const slot = sequence & this.#mask
    this.#packets[slot] = packet
    this.#sequences[slot] = sequence
  }

  get(sequence: number): Buffer | undefined {
    const slot = sequence & this.#mask
    return this.#sequences[slot] === sequence ? this.#packets[slot] : undefined
  }

  has(sequence: number): boolean {
    return this.#sequences[sequence & this.#mask] === sequence
  }

  clear(): void {
    this.#packets.fill(undefined)
    this.#sequences.fill(-1)
  }
}
