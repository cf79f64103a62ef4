/** The longest name, in characters as people count them (extended grapheme clusters, UAX 29). */
export const longestName = 100
/** Burmese has four marks on a letter; many more paint over the lines above and below. */
const mostMarks = 4
/** Nothing longer is looked at: UTF-16 code units for `longestName` of the longest characters in use. */
const longestText = longestName * 20

// Controls, zero-width characters, bidirectional overrides and isolates, private and unassigned characters, fillers that
// look like nothing: they can hide a name, make two names look alike or turn the text around them.
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]|\p{Bidi_Control}|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/u
const space = /[\p{Z}\t\r\n]/u
const joiners: readonly string[] = ['\u200c', '\u200d']
const takesJoiner = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]/u
const mark = /\p{M}/u
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u

/**
 * A text made safe to show as a name, whatever its length: NFC, one line, single spaces, nothing hidden, nothing that
 * reorders what follows, no towers of marks. Empty when nothing visible is left. Linear in its length.
 */
function visibleName(text: string): string {
  let name = text
  // What is taken out brings others side by side: they may compose, or leave a joiner at the end. Twice is enough for
  // all but what was made to need more.
  for (let round = 0; round < 4; round += 1) {
    // Towers of marks go first: engines put them in order in quadratic time.
    const next = withoutHidden(name).normalize('NFC')
    if (next === name) break
    name = next
  }
  return visible.test(name) ? name : ''
}

function withoutHidden(text: string): string {
  const given = [...text]
  const kept: string[] = []
  let marks = 0
  given.forEach((letter, index) => {
    if (space.test(letter)) {
      if (kept.length > 0 && kept.at(-1) !== ' ') kept.push(' ')
      marks = 0
    } else if (joiners.includes(letter)) {
      // Real scripts and emoji need a joiner between two visible characters, and nowhere else.
      if (takesJoiner.test(kept.at(-1) ?? '') && takesJoiner.test(given[index + 1] ?? '')) kept.push(letter)
    } else if (!hidden.test(letter)) {
      marks = mark.test(letter) ? marks + 1 : 0
      if (marks <= mostMarks) kept.push(letter)
    }
  })
  if (kept.at(-1) === ' ') kept.pop()
  return kept.join('')
}

/** A name as it may be shown to others; undefined when nothing visible is left or it is longer than `longestName`. */
export function cleanName(text: string): string | undefined {
  if (text.length > longestText) return undefined
  const name = visibleName(text)
  return name === '' || isLong(name) ? undefined : name
}

/** A text shown as a name: a long one is cut and ends in `…`; empty when nothing visible is left. */
export function shownName(text: string): string {
  const name = visibleName(text.slice(0, longestText))
  if (!isLong(name)) return name
  return `${[...characters.segment(name)]
    .slice(0, longestName - 1)
    .map(({ segment }) => segment)
    .join('')
    .trimEnd()}…`
}

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' })

function isLong(name: string): boolean {
  // Counting is needed only where code units alone do not settle it.
  return name.length > longestName && [...characters.segment(name)].length > longestName
}
