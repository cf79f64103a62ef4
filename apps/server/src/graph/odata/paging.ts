import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { GraphError } from '../errors.ts'
import type { GraphRequest } from '../operation.ts'
import { parsePrefer } from './prefer.ts'

/** Where a page ends: the value it is ordered by and the id that tells equals apart. */
export interface Cursor {
  value: string
  id: string
}

export interface Order {
  column: string
  descending: boolean
}

/** The size of a page: `$top`, or less where `Prefer: odata.maxpagesize` says so. Throws GraphError. */
export function pageSize(request: GraphRequest, limits: { usual: number; most: number }): number {
  const text = request.query.system.get('$top')
  if (text !== undefined && (!/^\d{1,9}$/.test(text) || Number(text) < 1 || Number(text) > limits.most))
    throw invalidOption('$top', `must be a whole number from 1 to ${limits.most}`)
  const preferred = parsePrefer(request.headers.prefer).get('odata.maxpagesize') ?? ''
  const size = text === undefined ? limits.usual : Number(text)
  return /^[1-9]\d{0,5}$/.test(preferred) ? Math.min(size, Number(preferred)) : size
}

/** One `$orderby` property with `asc` or `desc`. Throws GraphError. */
export function readOrder(request: GraphRequest, columns: Readonly<Record<string, string>>, usual: Order): Order {
  const text = request.query.system.get('$orderby')
  if (text === undefined) return usual
  const match = /^\s*([A-Za-z]+)(?:\s+(asc|desc))?\s*$/i.exec(text)
  const name = match === null ? '' : match[1]!.toLowerCase()
  if (!Object.hasOwn(columns, name)) throw invalidOption('$orderby', `takes one of ${Object.keys(columns).join(', ')}`)
  return { column: columns[name]!, descending: match?.[2]?.toLowerCase() === 'desc' }
}

/** The cursor of `$skiptoken`; only texts we made are understood. Throws GraphError. */
export function readCursor(request: GraphRequest): Cursor | undefined {
  const text = request.query.system.get('$skiptoken')
  if (text === undefined) return undefined
  try {
    const [value, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    if (typeof value === 'string' && typeof id === 'string' && !value.includes('\0') && !id.includes('\0')) return { value, id }
  } catch {
    // Falls through to the refusal.
  }
  throw invalidOption('$skiptoken', 'is not one that this server gave out')
}

/** Rows after a cursor, in an order; rows without a value come as if it were ''. */
export function afterCursor(order: Order, cursor: Cursor | undefined): RawBuilder<SqlBool> {
  if (cursor === undefined) return sql`(1 = 1)`
  const value = sql`coalesce(${sql.ref(order.column)}, '')`
  const beyond = sql.raw(order.descending ? '<' : '>')
  return sql`(${value} ${beyond} ${cursor.value} or (${value} = ${cursor.value} and id ${beyond} ${cursor.id}))`
}

/** The same request for the page after a cursor, as an absolute address that clients take as it is. */
export function nextLink(request: GraphRequest, path: string, cursor: Cursor): string {
  const token = Buffer.from(JSON.stringify([cursor.value, cursor.id])).toString('base64url')
  const options = [...request.query.system].filter(([name]) => name !== '$skiptoken')
  const query = [...options, ...request.query.custom, ['$skiptoken', token] as const]
  const text = query.map(([name, value]) => `${encodeURIComponent(name).replace('%24', '$')}=${encodeURIComponent(value)}`)
  return `${request.origin}/${request.version}/${path}?${text.join('&')}`
}

function invalidOption(target: string, problem: string): GraphError {
  const detail = `The query option '${target}' ${problem}.`
  return new GraphError('invalidQuery', {
    target,
    message: `The query specified in the URI is not valid. ${detail}`,
    inner: { message: detail },
  })
}
