// Controls, zero-width characters, bidirectional overrides and isolates, private and unassigned characters, fillers
// that look like nothing: they can hide a name, make two names look alike or turn the text around them.
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]|\u034F|\u115F|\u1160|\u3164|\uFFA0|\u2028|\u2029/u
const zeroWidthJoiners: readonly string[] = ['\u200C', '\u200D']
const needsJoiner = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]/u
const mark = /\p{M}/u
const mostMarks = 4
const mostLetters = 64

/** A name made safe to show: hidden and direction characters out, white space single, marks and length (64 characters) limited. */
export function safeName(name: string, fallback = '?'): string {
  const given = [...name.slice(0, 2000).replace(/[\p{Z}\t\r\n]+/gu, ' ')]
  const kept: string[] = []
  let marks = 0
  given.forEach((letter, index) => {
    if (zeroWidthJoiners.includes(letter)) {
      // Real scripts and emoji need a joiner between two visible characters.
      if (needsJoiner.test(kept.at(-1) ?? '') && needsJoiner.test(given[index + 1] ?? '')) kept.push(letter)
      return
    }
    if (hidden.test(letter)) return
    marks = mark.test(letter) ? marks + 1 : 0
    // More than four marks on one letter would paint over the lines above and below.
    if (marks <= mostMarks) kept.push(letter)
  })
  const shown = kept.join('').replace(/ +/g, ' ').trim()
  const letters = [...shown]
  if (!letters.some((letter) => needsVisible.test(letter))) return fallback
  return letters.length > mostLetters
    ? `${letters
        .slice(0, mostLetters - 1)
        .join('')
        .trimEnd()}…`
    : shown
}

const needsVisible = /[\p{L}\p{N}\p{P}\p{S}]/u

/** One or two letters for the round picture of somebody without a camera. */
export function initials(name: string): string {
  const words = safeName(name, '')
    .split(' ')
    .filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const first = words[0]
  if (!first) return ''
  const last = words.length > 1 ? words[words.length - 1] : undefined
  return ([...first][0] ?? '').toLocaleUpperCase() + (last ? ([...last][0] ?? '').toLocaleUpperCase() : '')
}

/** A hue (0 to 359) that is always the same for the same person. */
export function hueOf(identity: string): number {
  let hash = 0
  for (const letter of identity) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0
  return hash % 360
}
