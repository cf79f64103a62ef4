import { SipParseError } from './errors.ts'
import { trimBlanks } from './scan.ts'

/**
 * Split at a separator outside quotes and angle brackets, blanks around the parts removed. One pass.
 * Throws SipParseError, naming `where`, when a quote or bracket stays open.
 */
export function splitOutside(text: string, separator: ',' | ';', where: string): string[] {
  const parts: string[] = []
  let quoted = false
  let angle = false
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (quoted) {
      if (char === '\\') index++
      else if (char === '"') quoted = false
    } else if (char === '"' && !angle) quoted = true
    else if (char === '<') angle = true
    else if (char === '>') angle = false
    else if (char === separator && !angle) {
      parts.push(trimBlanks(text.slice(start, index)))
      start = index + 1
    }
  }
  if (quoted || angle) throw new SipParseError('header', where)
  parts.push(trimBlanks(text.slice(start)))
  return parts
}

/** The elements of a comma-separated value; none of an empty one. Throws SipParseError for an empty element. */
export function splitList(value: string, where: string): string[] {
  const items = splitOutside(value, ',', where)
  if (items.length === 1 && items[0] === '') return []
  if (items.some((item) => item === '')) throw new SipParseError('header', where)
  return items
}
