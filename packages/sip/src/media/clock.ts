import { frameMs } from './pcm.ts'

const maxCatchUp = 10

/** Something that beats. */
export interface Beat {
  /** Call `beat` every 20 ms until the returned function is called. */
  join(beat: () => void): () => void
}

/** One beat every 20 ms for all calls: one timer instead of one a call, and none of them drifts. */
export class MediaClock implements Beat {
  readonly #members = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #due = 0
  readonly #fault: ((error: unknown) => void) | undefined
  /** Longest the beat was ever late, milliseconds. Read and reset by `takeLateness`. */
  #lateness = 0

  /** With `fault`, a member that throws is told there and beats no more, instead of ending the process and with it all calls. */
  constructor(fault?: (error: unknown) => void) {
    this.#fault = fault
  }

  join(beat: () => void): () => void {
    this.#members.add(beat)
    if (!this.#timer) {
      this.#due = performance.now() + frameMs
      this.#schedule()
    }
    return () => {
      this.#members.delete(beat)
      if (this.#members.size > 0) return
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  takeLateness(): number {
    const lateness = this.#lateness
    this.#lateness = 0
    return lateness
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, this.#due - performance.now()))
  }

  /** After a stop of the process what has come meanwhile is read first: it is not late, we are. */
  #wake(): void {
    const timer = this.#timer
    if (performance.now() - this.#due < frameMs) this.#run()
    else setImmediate(() => this.#timer === timer && this.#run())
  }

  #run(): void {
    const late = performance.now() - this.#due
    this.#lateness = Math.max(this.#lateness, late)
    let beats = 1 + Math.floor(late / frameMs)
    this.#due += beats * frameMs
    // After a long stop (a laptop asleep) catching up would only be noise.
    if (beats > maxCatchUp) beats = 1
    for (let beat = 0; beat < beats; beat++) for (const member of [...this.#members]) this.#beat(member)
    if (this.#members.size > 0) this.#schedule()
    else this.#timer = undefined
  }

  #beat(member: () => void): void {
    try {
      member()
    } catch (error) {
      if (!this.#fault) throw error
      this.#members.delete(member)
      this.#fault(error)
    }
  }
}
