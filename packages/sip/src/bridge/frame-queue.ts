const maxMs = 160
const startMs = 40

/**
 * Evens out one track's frames, which come in bursts, to one frame a beat. Starts with a little in hand,
 * and drops the oldest when the two clocks drift apart.
 */
export class FrameQueue {
  readonly #frame: number
  readonly #rate: number
  #samples: Int16Array
  #length = 0
  #started = false

  /** `rate` in samples a second, `frame` in samples. */
  constructor(rate: number, frame: number) {
    this.#rate = rate
    this.#frame = frame
    this.#samples = new Int16Array((rate * maxMs * 2) / 1000)
  }

  push(pcm: Int16Array): void {
    const most = (this.#rate * maxMs) / 1000
    if (this.#length + pcm.length > most)
      this.#drop(Math.min(this.#length, this.#length + pcm.length - (this.#rate * startMs) / 1000))
    const part = pcm.length > most ? pcm.subarray(pcm.length - most) : pcm
    this.#samples.set(part, this.#length)
    this.#length += part.length
    if (this.#length >= (this.#rate * startMs) / 1000) this.#started = true
  }

  /** A frame, or nothing when there is none whole. */
  pull(): Int16Array | undefined {
    if (!this.#started) return undefined
    if (this.#length < this.#frame) {
      this.#started = false
      return undefined
    }
    const frame = this.#samples.slice(0, this.#frame)
    this.#drop(this.#frame)
    return frame
  }

  #drop(samples: number): void {
    this.#samples.copyWithin(0, samples, this.#length)
    this.#length -= samples
  }
}
