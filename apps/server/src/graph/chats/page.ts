import type { ChatOrder, MessageRange } from '../../chat/chat-store.ts'
import type { Instant } from '../../common/instant.ts'
import { GraphError } from '../errors.ts'
import { type Filter, parseFilter } from '../odata/filter.ts'
import { invalidFilter } from '../odata/filter-error.ts'
import type { QueryOptions } from '../odata/query-options.ts'

const maxTop = 50
const defaultTop = 20
const orders: Record<string, ChatOrder> = { lastmodifieddatetime: 'modified', createddatetime: 'created' }

/**
 * The page of messages that `$top`, `$orderby`, `$filter` and `$skiptoken` ask for (contract B.16): newest first by
 * lastModifiedDateTime or createdDateTime, bounds with gt and lt on that same property. Throws GraphError 400.
 */
export function readPage({ system }: QueryOptions): Omit<MessageRange, 'meetingId'> {
  const limit = readTop(system.get('$top'))
  const filter = readFilter(system.get('$filter'))
  const asked = readOrder(system.get('$orderby'))
  if (filter.order !== undefined && asked !== undefined && filter.order !== asked)
    throw invalidFilter('The filter must be on the property that $orderby names.')
  const order = asked ?? filter.order ?? 'modified'
  const { newerThan, olderThan } = filter
  return { order, limit, newerThan, olderThan, cursor: readToken(system.get('$skiptoken'), order) }
}

/** The opaque place where the next page begins. */
export function writeToken(order: ChatOrder, last: { at: Instant; id: string }): string {
  return Buffer.from(JSON.stringify([order, last.at, last.id])).toString('base64url')
}

function readTop(text: string | undefined): number {
  if (text === undefined) return defaultTop
  const top = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(top >= 1)) throw invalid('$top', `Invalid value '${text.slice(0, 40)}' for $top query option found.`)
  if (top > maxTop)
    throw invalid(
      '$top',
      `The limit of '${maxTop}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
    )
  return top
}

function readOrder(text: string | undefined): ChatOrder | undefined {
  if (text === undefined) return undefined
  const match = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(text)
  const order = orders[match?.[1]?.toLowerCase() ?? '']
  if (order === undefined) throw invalid('$orderby', 'Only lastModifiedDateTime and createdDateTime can be ordered by.')
  if (match![2]?.toLowerCase() !== 'desc')
    throw invalid('$orderby', `QueryOptions to order by '${match![1]}' in 'Ascending' direction is not supported.`)
  return order
}

interface Bounds {
  order?: ChatOrder
  newerThan?: Instant
  olderThan?: Instant
}

function readFilter(text: string | undefined): Bounds {
  if (text === undefined) return {}
  const bounds: Bounds = {}
  for (const { path, operator, literal } of parts(parseFilter(text))) {
    const order = orders[path.toLowerCase()]
    if (order === undefined) throw invalidFilter('Only lastModifiedDateTime and createdDateTime can be filtered on.')
    if (bounds.order !== undefined && bounds.order !== order) throw invalidFilter('The filter may name one property only.')
    if (literal.type !== 'dateTime') throw invalidFilter(`'${path}' must be compared with a date and time.`)
    const at = literal.value as Instant
    bounds.order = order
    if (operator === 'gt') bounds.newerThan = bounds.newerThan !== undefined && bounds.newerThan > at ? bounds.newerThan : at
    else if (operator === 'lt') bounds.olderThan = bounds.olderThan !== undefined && bounds.olderThan < at ? bounds.olderThan : at
    else throw invalidFilter(`The operator '${operator}' is not supported here; gt and lt are.`)
  }
  return bounds
}

function parts(filter: Filter): Extract<Filter, { kind: 'compare' }>[] {
  if (filter.kind === 'compare') return [filter]
  if (filter.kind === 'and') return [...parts(filter.left), ...parts(filter.right)]
  throw invalidFilter('Only comparisons joined by and are supported here.')
}

function readToken(text: string | undefined, order: ChatOrder): { at: Instant; id: string } | undefined {
  if (text === undefined) return undefined
  try {
    const [kind, at, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    if (
      kind === order &&
      typeof at === 'string' &&
      /^\d{4}-[\d:.TZ-]{23}$/.test(at) &&
      typeof id === 'string' &&
      /^\d{13}$/.test(id)
    )
      return { at: at as Instant, id }
  } catch {
    // Falls through to the refusal.
  }
  throw invalid('$skiptoken', 'The skip token is not valid for this query.')
}

function invalid(target: string, detail: string): GraphError {
  return new GraphError('invalidQuery', {
    target,
    message: `The query specified in the URI is not valid. ${detail}`,
    inner: { message: detail },
  })
}
