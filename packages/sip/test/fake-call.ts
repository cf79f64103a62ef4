import type { PhoneCall } from '../src/call/phone-call.ts'
import type { CallInfo, EndCode } from '../src/events.ts'
import type { Phrase, Prompts } from '../src/ivr/prompts.ts'
import type { Beat } from '../src/media/clock.ts'
import type { DigitMethod } from '../src/media/dtmf.ts'
import { levelOf } from '../src/media/pcm.ts'

/** A clock that beats as fast as it can while anyone listens: minutes of prompts pass in milliseconds. */
export class FastClock implements Beat {
  readonly #members = new Set<() => void>()

  join(beat: () => void): () => void {
    this.#members.add(beat)
    if (this.#members.size === 1) this.#run()
    return () => this.#members.delete(beat)
  }

  #run(): void {
    setImmediate(() => {
      for (const member of [...this.#members]) member()
      if (this.#members.size > 0) this.#run()
    })
  }
}

/** A caller without a telephone: presses keys, speaks samples, and keeps what it hears. */
export class FakeCall implements PhoneCall {
  readonly info: CallInfo = {
    id: 'fake',
    trunk: 'test',
    caller: '+34600111222',
    callerName: 'Ana',
    dialled: '100',
    protocol: 'udp',
    source: '127.0.0.1',
  }
  state: PhoneCall['state'] = 'ringing'
  onDigit: ((digit: string, method: DigitMethod) => void) | undefined
  onEnd: ((code: EndCode) => void) | undefined
  readonly heard: Int16Array[] = []
  /** What the caller says, frame by frame. */
  voice: Int16Array[] = []
  /** What it says when it says nothing else. */
  hum: Int16Array = new Int16Array(160)
  readonly leg = {
    rate: 8_000,
    pull: () => this.voice.shift() ?? this.hum,
    send: (pcm: Int16Array | undefined) => void (pcm && this.heard.push(pcm.slice())),
  }
  readonly ended: Promise<EndCode>
  #end!: (code: EndCode) => void
  readonly #prompts: Prompts

  constructor(prompts: Prompts) {
    this.#prompts = prompts
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  ring(): void {}
  answer(): void {
    this.state = 'confirmed'
  }
  refuse(): void {
    this.#finish('hung-up')
  }
  hangUp(): void {
    this.#finish('hung-up')
  }
  /** The caller hangs up. */
  leave(): void {
    this.#finish('caller-hung-up')
  }

  #finish(code: EndCode): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.onEnd?.(code)
    this.#end(code)
  }

  press(keys: string): void {
    for (const key of keys) this.onDigit?.(key, 'rfc4733')
  }

  /** The phrases heard so far, in order, found by their sound. */
  phrases(language: 'en' | 'es', names: readonly (Phrase | string)[]): string[] {
    const found: [at: number, name: string][] = []
    for (const name of names) {
      // The loudest frame is enough to know a clip by.
      const clip = this.#prompts.clip(language, name)
      const frames = Array.from({ length: Math.floor(clip.length / 160) }, (_, index) =>
        clip.subarray(index * 160, index * 160 + 160),
      )
      const piece = frames.reduce((loudest, frame) => (levelOf(frame) > levelOf(loudest) ? frame : loudest))
      this.heard.forEach((frame, at) => {
        if (frame.every((sample, index) => sample === piece[index])) found.push([at, name])
      })
    }
    return found.sort(([a], [b]) => a - b).map(([, name]) => name)
  }

  /** Wait until a phrase has been heard so many times. */
  async hears(name: Phrase | string, times = 1, language: 'en' | 'es' = 'en'): Promise<void> {
    const signal = AbortSignal.timeout(60_000)
    while (this.phrases(language, [name]).length < times) {
      if (signal.aborted) throw new Error(`never heard ${name}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
