import { readFile } from 'node:fs/promises'
import type { Language } from '../door.ts'
import type { Clip } from '../media/pcm.ts'
import { readWav } from '../media/wav.ts'

/** Everything that is said; prompts/phrases.tsv has the words. */
export const phrases = [
  'welcome',
  'language-key',
  'enter-passcode',
  'no-keys',
  'passcode-wrong',
  'try-again',
  'too-many-tries',
  'throttled',
  'goodbye',
  'say-name',
  'thank-you',
  'waiting-lobby',
  'waiting-organizer',
  'waiting-not-started',
  'waiting-locked',
  'waiting-full',
  'waiting-invited',
  'waiting-organization',
  'still-waiting',
  'joined',
  'joined-muted',
  'how-to-speak',
  'denied',
  'wait-expired',
  'cancelled',
  'expired',
  'removed',
  'ended',
  'lost',
  'failed',
  'reconnecting',
  'muted',
  'unmuted',
  'muted-by-organizer',
  'may-not-unmute',
  'may-not-raise',
  'hand-raised',
  'hand-lowered',
  'help',
  'help-leader',
  'someone-waiting',
  'all-admitted',
  'nobody-waiting',
  'alone',
  'one-person',
  'there-are',
  'other-people',
  'many-people',
  'named',
] as const

export type Phrase = (typeof phrases)[number]

const languages: readonly Language[] = ['en', 'es']

/** Clips that say a number from 1 to 99. */
const numberClips: readonly string[] = [
  ...Array.from({ length: 29 }, (_, index) => `n${index + 1}`),
  ...[3, 4, 5, 6, 7, 8, 9].flatMap((tens) => [`n${tens}0`, `n${tens}0-and`]),
]

/** The names of the clips that say a whole number from 1 to 99, in order. */
export function sayNumber(value: number): string[] {
  if (value < 30) return [`n${value}`]
  const units = value % 10
  return units === 0 ? [`n${value}`] : [`n${value - units}-and`, `n${units}`]
}

/** Every prompt, in memory: about three megabytes of mu-law, twice that once decoded. */
export class Prompts {
  readonly #clips: Map<string, Clip>

  private constructor(clips: Map<string, Clip>) {
    this.#clips = clips
  }

  /** Read them all. Rejects when one is missing or not as it should be. */
  static async load(folder = new URL('../../prompts/', import.meta.url)): Promise<Prompts> {
    const clips = new Map<string, Clip>()
    for (const language of languages) {
      for (const name of [...phrases, ...numberClips]) {
        clips.set(`${language}/${name}`, readWav(await readFile(new URL(`${language}/${name}.wav`, folder))))
      }
    }
    return new Prompts(clips)
  }

  /** A phrase, or a clip of a number. */
  clip(language: Language, name: string): Clip {
    const clip = this.#clips.get(`${language}/${name}`)
    if (!clip) throw new Error(`no prompt ${language}/${name}`)
    return clip
  }
}
