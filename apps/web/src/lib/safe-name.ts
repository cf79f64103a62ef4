import { shownName } from '@parley/door-api'

/** A name made safe to show, cut where it is too long; `fallback` when nothing visible is left. */
export function safeName(name: string, fallback = '?'): string {
  return shownName(name) || fallback
}

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
