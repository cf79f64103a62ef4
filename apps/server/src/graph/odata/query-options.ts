import { GraphError } from '../errors.ts'

/** System query options by their name with `$`, lower-case; custom options are kept apart. */
export interface QueryOptions {
  system: ReadonlyMap<string, string>
  custom: ReadonlyMap<string, string>
}

const systemNames = new Set([
  'select',
  'filter',
  'expand',
  'orderby',
  'top',
  'skip',
  'skiptoken',
  'count',
  'search',
  'format',
  'deltatoken',
])

/** Read a query string; the `$` of a system option may be left out (contract C.5). Throws GraphError for a repeated or malformed one. */
export function parseQueryOptions(query: string): QueryOptions {
  const system = new Map<string, string>()
  const custom = new Map<string, string>()
  for (const part of query === '' ? [] : query.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals < 0 ? part : part.slice(0, equals))
    const value = decode(equals < 0 ? '' : part.slice(equals + 1))
    const plain = name.replace(/^\$/, '').toLowerCase()
    const isSystem = name.startsWith('$') || systemNames.has(plain)
    if (name.startsWith('$') && !systemNames.has(plain)) throw invalid(`The query option '${shown(name)}' is not known.`)
    if (!isSystem) custom.set(name, value)
    else if (system.has(`$${plain}`)) throw invalid(`The query option '$${plain}' is given more than once.`)
    else system.set(`$${plain}`, value)
  }
  return { system, custom }
}

/** Refuse system options an operation does not take. */
export function checkQueryOptions(options: QueryOptions, supported: readonly string[]): void {
  const unsupported = [...options.system.keys()].find((name) => !supported.includes(name) && name !== '$format')
  if (unsupported !== undefined) throw invalid(`The query option '${unsupported}' is not supported here.`)
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    if (!decoded.includes('\0')) return decoded
  } catch {
    // Falls through to the refusal.
  }
  throw invalid('The query is not correctly percent-encoded.')
}

function invalid(detail: string): GraphError {
  return new GraphError('invalidQuery', {
    message: `The query specified in the URI is not valid. ${detail}`,
    inner: { message: detail },
  })
}

function shown(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name
}
