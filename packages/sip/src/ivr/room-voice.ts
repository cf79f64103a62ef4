import type { RoomLeg } from '../bridge/room.ts'
import type { Beat } from '../media/clock.ts'
import { mixAll } from '../media/mixer.ts'
import type { Clip } from '../media/pcm.ts'
import { frameSamples } from '../media/pcm.ts'
import { Resampler } from '../media/resample.ts'

/** What one phone says to its room: the caller's voice, and announcements over it. */
export class RoomVoice {
  readonly #leg: RoomLeg
  readonly #rate: number
  #pending: Int16Array = new Int16Array(0)

  constructor(leg: RoomLeg, rate: number) {
    this.#leg = leg
    this.#rate = rate
  }

  /** Say a clip to the room, from the next frame on. */
  announce(clip: Clip): void {
    const pcm = this.#rate === 8_000 ? clip : new Resampler(8_000, this.#rate).process(clip)
    const all = new Int16Array(this.#pending.length + pcm.length)
    all.set(this.#pending)
    all.set(pcm, this.#pending.length)
    this.#pending = all
  }

  /** The caller's next 20 ms. */
  speak(pcm: Int16Array): void {
    const over = this.#next()
    this.#leg.speak(over ? mixAll([pcm, over], pcm.length) : pcm)
  }

  /** Say what is pending without the caller, who is gone. */
  async finish(clock: Beat): Promise<void> {
    if (this.#pending.length === 0) return
    await new Promise<void>((resolve) => {
      const leave = clock.join(() => {
        const frame = this.#next()
        if (frame) this.#leg.speak(frame)
        else {
          leave()
          resolve()
        }
      })
    })
  }

  #next(): Int16Array | undefined {
    if (this.#pending.length === 0) return undefined
    const samples = frameSamples(this.#rate)
    const frame = new Int16Array(samples)
    frame.set(this.#pending.subarray(0, samples))
    this.#pending = this.#pending.subarray(samples)
    return frame
  }
}
