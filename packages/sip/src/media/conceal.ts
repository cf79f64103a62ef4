import { NoiseSource } from './noise.ts'
import { levelOf, saturate } from './pcm.ts'

const steadyMs = 10
const fadeMs = 70
const blendMs = 4

/**
 * Hides lost audio: repeats the last pitch period with a fading gain, then comfort noise at the line's own level
 * (after the idea of G.711 Appendix I). Feed every good frame; ask for what is missing.
 */
export class Concealer {
  readonly #rate: number
  readonly #history: Float32Array
  readonly #noise = new NoiseSource()
  #noiseLevel = -70
  #period: Float32Array | undefined
  #position = 0
  #concealed = 0

  constructor(rate: number) {
    this.#rate = rate
    this.#history = new Float32Array((rate * 48) / 1000)
  }

  /** Set by a comfort-noise packet of the peer. */
  set noiseLevel(level: number) {
    this.#noiseLevel = Math.min(-30, Math.max(-90, level))
  }

  /** Take a good frame; its start is blended with the concealment before it. Returns the frame to play. */
  good(pcm: Int16Array): Int16Array {
    if (this.#concealed > 0) {
      const blend = Math.min(pcm.length, (this.#rate * blendMs) / 1000)
      const tail = this.#generate(blend)
      for (let index = 0; index < blend; index++) {
        const share = (index + 1) / (blend + 1)
        pcm[index] = Math.round(pcm[index]! * share + tail[index]! * (1 - share))
      }
      this.#concealed = 0
      this.#period = undefined
    }
    this.#remember(pcm)
    const level = levelOf(pcm)
    // The quietest parts tell the background; it may rise slowly.
    this.#noiseLevel = Math.max(-80, Math.min(-45, level < this.#noiseLevel ? level : this.#noiseLevel + 0.02))
    return pcm
  }

  /** Make up `samples` in place of what was lost. */
  conceal(samples: number): Int16Array {
    return this.#generate(samples)
  }

  #remember(pcm: Int16Array): void {
    const history = this.#history
    if (pcm.length >= history.length) history.set(pcm.subarray(pcm.length - history.length))
    else {
      history.copyWithin(0, pcm.length)
      history.set(pcm, history.length - pcm.length)
    }
  }

  #generate(samples: number): Int16Array {
    this.#period ??= this.#findPeriod()
    const period = this.#period
    const noise = this.#noise.fill(new Int16Array(samples), this.#noiseLevel)
    const steady = (this.#rate * steadyMs) / 1000
    const fade = (this.#rate * fadeMs) / 1000
    for (let index = 0; index < samples; index++) {
      const gain = Math.max(0, Math.min(1, 1 - (this.#concealed - steady) / fade))
      const voice = period[this.#position]! * gain
      noise[index] = saturate(Math.round(voice + noise[index]! * (1 - gain)))
      this.#position = (this.#position + 1) % period.length
      this.#concealed++
    }
    return noise
  }

  /** The last pitch period, by normalised cross-correlation over 66 to 400 Hz. */
  #findPeriod(): Float32Array {
    const history = this.#history
    const end = history.length
    const window = Math.floor(this.#rate * 0.02)
    const shortest = Math.floor(this.#rate / 400)
    const longest = Math.min(Math.floor(this.#rate / 66), end - window)
    const step = this.#rate > 8_000 ? 2 : 1
    let best = longest
    let bestScore = Number.NEGATIVE_INFINITY
    for (let lag = shortest; lag <= longest; lag++) {
      let cross = 0
      let energy = 1
      for (let index = end - window; index < end; index += step) {
        const past = history[index - lag]!
        cross += history[index]! * past
        energy += past * past
      }
      const score = cross / Math.sqrt(energy)
      // A longer lag must be clearly better: multiples of the period fit as well.
      if (score > bestScore * 1.0001) {
        bestScore = score
        best = lag
      }
    }
    const period = history.slice(end - best)
    this.#smoothSeam(period, end - best)
    this.#position = 0
    return period
  }

  /** Make the period's end lead into its start, so that repeating it does not click. */
  #smoothSeam(period: Float32Array, start: number): void {
    const overlap = Math.min(Math.floor(period.length / 4), start)
    for (let index = 0; index < overlap; index++) {
      const share = (index + 1) / (overlap + 1)
      const at = period.length - overlap + index
      period[at] = period[at]! * (1 - share) + this.#history[start - overlap + index]! * share
    }
  }
}
