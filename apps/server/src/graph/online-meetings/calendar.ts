import { calendarFile } from '../../meetings/calendar-file.ts'
import { joinUrl } from '../../meetings/links.ts'
import { etagOf } from '../odata/etag.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { findForReading } from './find.ts'
import { ownerOf } from './owner.ts'
import { readPermissions, underUser } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const meeting = await findForReading(request, context, owner.user)
  const view = await context.organizers.of(meeting)
  const method = meeting.cancelledAt === null ? 'REQUEST' : 'CANCEL'
  return {
    status: 200,
    headers: {
      'Content-Type': `text/calendar; charset=utf-8; method=${method}`,
      'Content-Disposition': 'attachment; filename="meeting.ics"',
      ETag: etagOf(meeting.revision),
    },
    raw: calendarFile(meeting, view, joinUrl(context.config.publicUrl, meeting, 'thread.v2')),
  }
}

/** `…/onlineMeetings/{id}/calendar.ics`: the `ics` extension. */
export const calendar = underUser({
  method: 'GET',
  path: '/onlineMeetings/{meetingId}/calendar.ics',
  permissions: readPermissions,
  queryOptions: [],
  produces: ['text/calendar'],
  extension: 'ics',
  summary: 'An online meeting as an iCalendar file; fetch it again for changes and for the cancellation',
  handle,
})
