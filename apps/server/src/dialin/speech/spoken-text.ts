import { composed } from '../../common/compose.ts'

const longest = 60

const sentences = {
  en: { entry: (name: string) => `${name} joined.`, exit: (name: string) => `${name} left.` },
  es: { entry: (name: string) => `${name} ha entrado.`, exit: (name: string) => `${name} ha salido.` },
} as const

/**
 * A name as an engine of speech may be given it: letters, digits and the marks names have, in one line and not long.
 * Everything an engine could take for a command (SSML, phonemes in brackets, options) is gone. Empty when nothing is left.
 */
export function speakableName(name: string): string {
  return [...composed(name).replace(/[^\p{L}\p{M}\p{N} .,'’-]+/gu, ' ')]
    .slice(0, longest)
    .join('')
    .replace(/^[\s.,'’-]+/u, '')
    .replace(/\s+/gu, ' ')
    .trim()
}

/** What is said when somebody comes or goes; undefined when the name cannot be said. */
export function sentenceOf(kind: 'entry' | 'exit', name: string, lang: 'en' | 'es'): string | undefined {
  const speakable = speakableName(name)
  return speakable === '' ? undefined : sentences[lang][kind](speakable)
}
