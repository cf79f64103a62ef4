/** Anything this loud (dBov) is sound to carry, whatever the line's noise; anything below the other is silence. */
const surelySound = -45
const surelySilence = -66
/** How far above the noise of the line speech begins, in decibels. */
const above = 6
/** Frames of 20 ms that stay open after the last sound, so that no syllable is cut. */
const hangover = 20
/** How fast the noise may be taken to have risen, decibels a frame. */
const rise = 0.03

/**
 * Tells sound from the noise of a line, frame by frame, so that silent telephones cost a meeting nothing. It errs towards
 * sound: only what is quiet and steady is held back.
 */
export class SpeechGate {
  #noise = surelySilence
  #open = 0

  /** Whether a frame of that level (dBov) is to be carried. */
  takes(level: number): boolean {
    this.#noise = Math.min(level, this.#noise + rise)
    const threshold = Math.max(surelySilence, Math.min(surelySound, this.#noise + above))
    if (level > threshold) this.#open = hangover
    else if (this.#open > 0) this.#open--
    else return false
    return true
  }
}
