import { invalidFilter } from './filter-error.ts'
import { type Literal, type Token, tokenize } from './filter-tokens.ts'

export const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const
export type Comparison = (typeof comparisons)[number]
export const functions = ['contains', 'startswith', 'endswith'] as const
type FunctionName = (typeof functions)[number]

export type Filter =
  | { kind: 'compare'; path: string; operator: Comparison; literal: Literal }
  | { kind: 'call'; name: FunctionName; path: string; value: string }
  | { kind: 'and' | 'or'; left: Filter; right: Filter }
  | { kind: 'not'; operand: Filter }

const maxLength = 8_192
const maxDepth = 50
const maxTerms = 100

/**
 * Read the part of OData's `$filter` that is served here: comparisons of a property with a literal, contains, startswith
 * and endswith, `and`, `or`, `not` and brackets. Property names keep the client's case. Throws GraphError.
 */
export function parseFilter(text: string): Filter {
  if (text.length > maxLength) throw invalidFilter(`The filter is longer than ${maxLength} characters.`)
  const reader = new Reader(tokenize(text))
  const filter = readOr(reader, 0)
  if (reader.peek().kind !== 'end') throw reader.unexpected()
  return filter
}

class Reader {
  readonly #tokens: readonly Token[]
  #index = 0
  #terms = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  peek(): Token {
    return this.#tokens[this.#index]!
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#index += 1
    return token
  }

  /** Take a name if it is the next token. */
  accept(name: string): boolean {
    const token = this.peek()
    if (token.kind !== 'name' || token.text !== name) return false
    this.#index += 1
    return true
  }

  expect(kind: '(' | ')' | ','): void {
    if (this.peek().kind !== kind) throw this.unexpected()
    this.#index += 1
  }

  count(): void {
    this.#terms += 1
    if (this.#terms > maxTerms) throw invalidFilter(`The filter has more than ${maxTerms} terms.`)
  }

  unexpected(): Error {
    const token = this.peek()
    const what =
      token.kind === 'end'
        ? 'the end'
        : token.kind === 'name'
          ? `'${token.text.slice(0, 60)}'`
          : token.kind === 'literal'
            ? 'a literal'
            : `'${token.kind}'`
    return invalidFilter(`Syntax error: unexpected ${what} in the filter.`)
  }
}

function readOr(reader: Reader, depth: number): Filter {
  let left = readAnd(reader, depth)
  while (reader.accept('or')) left = { kind: 'or', left, right: readAnd(reader, depth) }
  return left
}

function readAnd(reader: Reader, depth: number): Filter {
  let left = readTerm(reader, depth)
  while (reader.accept('and')) left = { kind: 'and', left, right: readTerm(reader, depth) }
  return left
}

function readTerm(reader: Reader, depth: number): Filter {
  if (depth > maxDepth) throw invalidFilter(`The filter is nested deeper than ${maxDepth} levels.`)
  reader.count()
  if (reader.accept('not')) return { kind: 'not', operand: readTerm(reader, depth + 1) }
  if (reader.peek().kind === '(') {
    reader.next()
    const inner = readOr(reader, depth + 1)
    reader.expect(')')
    return inner
  }
  const token = reader.peek()
  if (token.kind !== 'name') throw reader.unexpected()
  reader.next()
  return reader.peek().kind === '(' ? readCall(reader, token.text) : readComparison(reader, token.text)
}

function readCall(reader: Reader, text: string): Filter {
  const name = functions.find((each) => each === text.toLowerCase())
  if (name === undefined) throw invalidFilter(`The function '${text.slice(0, 60)}' is not supported.`)
  reader.expect('(')
  const path = reader.next()
  if (path.kind !== 'name') throw invalidFilter(`The function '${name}' takes a property and a text.`)
  reader.expect(',')
  const value = reader.next()
  if (value.kind !== 'literal' || value.literal.type !== 'string')
    throw invalidFilter(`The function '${name}' takes a property and a text.`)
  reader.expect(')')
  return { kind: 'call', name, path: path.text, value: value.literal.value }
}

function readComparison(reader: Reader, path: string): Filter {
  const operator = reader.peek()
  const known = operator.kind === 'name' ? comparisons.find((each) => each === operator.text) : undefined
  if (known === undefined) throw reader.unexpected()
  reader.next()
  const value = reader.peek()
  if (value.kind !== 'literal') throw reader.unexpected()
  reader.next()
  return { kind: 'compare', path, operator: known, literal: value.literal }
}
