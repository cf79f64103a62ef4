import { saturate } from './pcm.ts'

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const tapsPerPhase = 24

/** Changes the sample rate by a polyphase windowed-sinc filter; keeps its state between frames. */
export class Resampler {
  readonly #up: number
  readonly #down: number
  /** One short filter a phase, in the order the history is walked. */
  readonly #phases: Float32Array[]
  readonly #history: Float32Array
  #phase = 0

  /** Rates in samples a second; any pair with a small ratio (8, 16, 24, 48 kHz). */
  constructor(from: number, to: number) {
    const divisor = gcd(from, to)
    this.#up = to / divisor
    this.#down = from / divisor
    // When rates fall the filter spans proportionally more input.
    const taps = tapsPerPhase * Math.max(1, Math.ceil(this.#down / this.#up))
    this.#phases = design(this.#up, this.#down, taps)
    this.#history = new Float32Array(taps - 1)
  }

  /** Resample one frame. Over time exactly `to / from` samples come out for each one put in. */
  process(pcm: Int16Array): Int16Array {
    if (this.#up === this.#down) return pcm
    const taps = this.#history.length + 1
    const input = new Float32Array(this.#history.length + pcm.length)
    input.set(this.#history)
    input.set(pcm, this.#history.length)
    const output = new Int16Array(Math.ceil((pcm.length * this.#up - this.#phase) / this.#down))
    let position = this.#phase
    for (let index = 0; index < output.length; index++) {
      const start = Math.floor(position / this.#up)
      const filter = this.#phases[position % this.#up]!
      let sum = 0
      for (let tap = 0; tap < taps; tap++) sum += input[start + tap]! * filter[tap]!
      output[index] = saturate(Math.round(sum))
      position += this.#down
    }
    this.#phase = position - pcm.length * this.#up
    this.#history.set(input.subarray(input.length - this.#history.length))
    return output
  }
}

function design(up: number, down: number, taps: number): Float32Array[] {
  const length = taps * up
  const cutoff = (0.5 / Math.max(up, down)) * 0.92
  const centre = (length - 1) / 2
  const whole = Float32Array.from({ length }, (_, index) => {
    const x = index - centre
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)
    const turn = (2 * Math.PI * index) / (length - 1)
    return sinc * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn))
  })
  return Array.from({ length: up }, (_, phase) => {
    const filter = Float32Array.from({ length: taps }, (_, tap) => whole[phase + (taps - 1 - tap) * up]!)
    // Each phase passes direct current unchanged, so none of them hums.
    const gain = filter.reduce((sum, value) => sum + value, 0)
    return filter.map((value) => value / gain)
  })
}
