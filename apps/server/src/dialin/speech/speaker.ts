import type { Clip } from '@parley/sip/media'
import type { Log } from '../../common/log.ts'
import { type SpeechCommand, speak } from './speech-engine.ts'
import { sentenceOf } from './spoken-text.ts'

const mostKept = 200
const mostAtOnce = 2
/** When so many wait, a tone is all the others get: a hundred people who come at once are not read out. */
const mostWaiting = 8

/** Says who came and who went. What it cannot say, for whatever reason, is a tone. */
export class Speaker {
  readonly #command: SpeechCommand | null
  readonly #log: Log
  readonly #speak: typeof speak
  readonly #kept = new Map<string, Promise<Clip | undefined>>()
  readonly #waiting: (() => void)[] = []
  #busy = 0
  #hasFailed = false

  constructor(command: SpeechCommand | null, log: Log, speakWith = speak) {
    this.#command = command
    this.#log = log
    this.#speak = speakWith
  }

  /** The sentence, spoken; undefined where no engine is installed, or where it did not say it in time. Never rejects. */
  async say(kind: 'entry' | 'exit', name: string, lang: 'en' | 'es'): Promise<Clip | undefined> {
    const sentence = sentenceOf(kind, name, lang)
    if (this.#command === null || sentence === undefined) return undefined
    const key = `${lang} ${sentence}`
    const known = this.#kept.get(key)
    if (known !== undefined) {
      // Used last is forgotten last.
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    if (this.#waiting.length >= mostWaiting) return undefined
    const saying = this.#say(this.#command, sentence, lang)
    this.#kept.set(key, saying)
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value!)
    const clip = await saying
    if (clip === undefined) this.#kept.delete(key)
    return clip
  }

  async #say(command: SpeechCommand, sentence: string, lang: 'en' | 'es'): Promise<Clip | undefined> {
    if (this.#busy >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#busy += 1
    try {
      return await this.#speak(command, sentence, lang)
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn({ err: error }, 'names are not spoken: the engine of speech failed')
      this.#hasFailed = true
      return undefined
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#busy -= 1
      else next()
    }
  }
}
