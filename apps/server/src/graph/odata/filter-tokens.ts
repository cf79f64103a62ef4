import { parseInstant } from '../../common/instant.ts'
import { invalidFilter } from './filter-error.ts'

export type Literal =
  | { type: 'string'; value: string }
  | { type: 'dateTime'; value: string }
  | { type: 'guid'; value: string }
  | { type: 'number'; value: number }
  | { type: 'boolean'; value: boolean }
  | { type: 'null'; value: null }

export type Token =
  | { kind: 'name'; text: string }
  | { kind: 'literal'; literal: Literal }
  | { kind: '(' | ')' | ',' }
  | { kind: 'end' }

const pattern =
  /\s*(?:('(?:[^']|'')*')|([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})|(\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w/.]*)|([(),]))/y

/** Cut a filter into tokens. A plus sign in an offset may have arrived as a space. Throws GraphError. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const source = text.trimEnd().replace(/(\d{4}-\d{2}-\d{2}T[0-9:.]+) (\d{2}:\d{2})(?![0-9'])/g, '$1+$2')
  pattern.lastIndex = 0
  while (pattern.lastIndex < source.length) {
    const start = pattern.lastIndex
    const match = pattern.exec(source)
    if (match === null) throw invalidFilter(`Syntax error at position ${start} in '${source.slice(0, 200)}'.`)
    tokens.push(toToken(match))
  }
  tokens.push({ kind: 'end' })
  return tokens
}

function toToken([, quoted, guid, dateTime, number, name, mark]: RegExpExecArray): Token {
  if (quoted !== undefined) return literal({ type: 'string', value: quoted.slice(1, -1).replaceAll("''", "'") })
  if (guid !== undefined) return literal({ type: 'guid', value: guid.toLowerCase() })
  if (dateTime !== undefined) {
    const instant = parseInstant(dateTime)
    if (instant === undefined) throw invalidFilter(`'${dateTime.slice(0, 60)}' is not a date and time with an offset.`)
    return literal({ type: 'dateTime', value: instant })
  }
  if (number !== undefined) {
    const value = Number(number)
    if (!Number.isFinite(value)) throw invalidFilter('A number is too large.')
    return literal({ type: 'number', value })
  }
  if (mark !== undefined) return { kind: mark as '(' | ')' | ',' }
  const text = name!
  if (text === 'true' || text === 'false') return literal({ type: 'boolean', value: text === 'true' })
  if (text === 'null') return literal({ type: 'null', value: null })
  return { kind: 'name', text }
}

function literal(value: Literal): Token {
  return { kind: 'literal', literal: value }
}
