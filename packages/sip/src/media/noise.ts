/** Quiet low-passed noise, so that silence does not sound like a dead line (RFC 3389 section 4). */
export class NoiseSource {
  #seed = 0x9e3779b9
  #last = 0

  /** Fill with noise of a level in dBov (negative). */
  fill(pcm: Int16Array, level: number): Int16Array {
    // Uniform noise has 1/sqrt(3) of its peak as RMS; the one-pole filter below halves the power thrice over.
    const peak = 32_768 * 10 ** (level / 20) * Math.sqrt(3) * Math.sqrt(3)
    for (let index = 0; index < pcm.length; index++) {
      this.#seed ^= this.#seed << 13
      this.#seed ^= this.#seed >>> 17
      this.#seed ^= this.#seed << 5
      this.#last += ((this.#seed / 2 ** 31) * peak - this.#last) / 2
      pcm[index] = Math.round(this.#last)
    }
    return pcm
  }
}

/** Level when nothing is known of the line's own noise. */
export const defaultNoiseLevel = -65
