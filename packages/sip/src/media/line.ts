import type { Beat } from './clock.ts'
import { mixAll, scale } from './mixer.ts'
import { type Clip, frameSamples } from './pcm.ts'
import { Resampler } from './resample.ts'

const clipRate = 8_000
/** How much of the room stays under a prompt. */
const duck = 0.25

/** What a line needs of its call. */
export interface LineCall {
  readonly state: string
  readonly leg: { readonly rate: number; pull(): Int16Array; send(pcm: Int16Array | undefined): void }
}

interface Playing {
  pcm: Int16Array
  offset: number
  done: (finished: boolean) => void
}

/** The sound of one call, beat by beat: clips in a queue over a background, and what the caller says. */
export class Line {
  /** The caller's last 20 ms, at `rate`. */
  onHeard: ((pcm: Int16Array) => void) | undefined
  /** What is heard under and between clips, a frame of `rate` at a time; nothing is comfort noise. */
  background: (() => Int16Array | undefined) | undefined
  readonly #call: LineCall
  readonly #leave: () => void
  readonly #queue: Playing[] = []
  #closed = false

  constructor(call: LineCall, clock: Beat) {
    this.#call = call
    this.#leave = clock.join(() => this.#beat())
  }

  /** PCM samples a second; 0 until the media are agreed. */
  get rate(): number {
    return this.#call.leg.rate
  }

  get playing(): boolean {
    return this.#queue.length > 0
  }

  /** Clips that play or wait to be played. */
  get queued(): number {
    return this.#queue.length
  }

  /** Play clips one after another, behind what is playing. False when stopped before their end. */
  async play(clips: readonly Clip[]): Promise<boolean> {
    if (this.#closed) return false
    const results = await Promise.all(
      clips.map((clip) => new Promise<boolean>((done) => this.#queue.push({ pcm: clip, offset: 0, done }))),
    )
    return results.every(Boolean)
  }

  /** Drop what is playing and queued. */
  stop(): void {
    for (const playing of this.#queue.splice(0)) playing.done(false)
  }

  close(): void {
    this.#closed = true
    this.#leave()
    this.stop()
    this.onHeard = undefined
    this.background = undefined
  }

  #beat(): void {
    const { rate } = this
    if (rate === 0 || this.#call.state === 'ended') return
    const heard = this.#call.leg.pull()
    this.onHeard?.(heard)
    const under = this.background?.()
    const over = this.#nextFrame(rate)
    this.#call.leg.send(over && under ? mixAll([over, scale(under.slice(), duck)], over.length) : (over ?? under))
  }

  #nextFrame(rate: number): Int16Array | undefined {
    const playing = this.#queue[0]
    if (!playing) return undefined
    if (playing.offset === 0 && rate !== clipRate) playing.pcm = new Resampler(clipRate, rate).process(playing.pcm)
    const samples = frameSamples(rate)
    const frame = new Int16Array(samples)
    frame.set(playing.pcm.subarray(playing.offset, playing.offset + samples))
    playing.offset += samples
    if (playing.offset >= playing.pcm.length) {
      this.#queue.shift()
      playing.done(true)
    }
    return frame
  }
}
