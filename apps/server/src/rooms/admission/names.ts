/** The longest name, in characters as people count them. */
export const longestName = 100

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Controls, marks that turn the direction of text, and characters that show nothing. Joiners stay: scripts and emoji need them. */
const unseen = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{DI}|\p{Bidi_Control}|\p{Cc}|\p{Cs}|\p{Co}|\p{Cn}|[\u2028\u2029]/gu

/**
 * A name as it may be shown to others: NFC, one line, nothing invisible, nothing that reorders what follows, no towers
 * of marks. Undefined when nothing is left, or when it is longer than `longestName`.
 */
export function cleanName(text: string): string | undefined {
  // Graphemes are counted only where the text could pass, so that megabytes cost nothing.
  if (text.length > longestName * 20) return undefined
  const name = text
    .normalize('NFC')
    // Not \s, which takes the invisible U+FEFF for a space.
    .replace(/[^\S\ufeff]+/gu, ' ')
    .replace(unseen, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/\s+/gu, ' ')
    .replace(/^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/gu, '')
  if (!/[\p{L}\p{N}\p{S}\p{P}]/u.test(name)) return undefined
  return [...segmenter.segment(name)].length > longestName ? undefined : name
}
