import { sql } from 'kysely'
import { toMeeting } from '../../meetings/meeting-store.ts'
import { parseFilter } from '../odata/filter.ts'
import { type FilterColumns, filterSql } from '../odata/filter-sql.ts'
import { afterCursor, nextLink, pageSize, readCursor, readOrder } from '../odata/paging.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { answerMeetings } from './answer.ts'
import type { Owner } from './owner.ts'

const columns: FilterColumns = {
  startdatetime: { column: 'start_at', kind: 'instant' },
  enddatetime: { column: 'end_at', kind: 'instant' },
  creationdatetime: { column: 'created_at', kind: 'instant' },
  subject: { column: 'subject', kind: 'text' },
}
const orders = { startdatetime: 'start_at', enddatetime: 'end_at', creationdatetime: 'created_at', subject: 'subject' }
const limits = { usual: 50, most: 999 }

/** The `list` extension: the meetings a user organizes, newest first unless `$orderby` says otherwise, page by page. */
export async function listMeetings(request: GraphRequest, context: GraphContext, owner: Owner): Promise<GraphResponse> {
  const text = request.query.system.get('$filter')
  const size = pageSize(request, limits)
  const order = readOrder(request, orders, { column: 'created_at', descending: true })
  const direction = order.descending ? 'desc' : 'asc'
  let query = context.db
    .selectFrom('meetings')
    .selectAll()
    .where('tenant_id', '=', owner.user.tenantId)
    .where('organizer_id', '=', owner.user.id)
    .where(afterCursor(order, readCursor(request)))
  if (text !== undefined) query = query.where(filterSql(parseFilter(text), columns))
  const rows = await query
    .orderBy(sql`coalesce(${sql.ref(order.column)}, '')`, direction)
    .orderBy('id', direction)
    .limit(size + 1)
    .execute()
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const more = rows.length > size && last !== undefined
  const value = more ? String((last as unknown as Record<string, string | null>)[order.column] ?? '') : ''
  const link = more ? nextLink(request, owner.path, { value, id: last.id }) : undefined
  return answerMeetings(request, context, owner.context, page.map(toMeeting), link)
}
