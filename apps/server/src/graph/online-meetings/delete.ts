import { GraphError } from '../errors.ts'
import { readIfMatch } from '../odata/etag.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { findForWriting } from './find.ts'
import { ownerOf } from './owner.ts'
import { underUser, writePermissions } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const meeting = await findForWriting(request, context, owner.user)
  readIfMatch(request.headers['if-match'], meeting.revision)
  if (!(await context.meetings.delete(meeting))) throw new GraphError('meetingNotFound')
  return { status: 204 }
}

/** `DELETE {u}/onlineMeetings/{id}`: unlike in Teams, deleted means closed (contract B.7). */
export const deleteMeeting = underUser({
  method: 'DELETE',
  path: '/onlineMeetings/{meetingId}',
  permissions: writePermissions,
  queryOptions: [],
  summary: 'Delete an online meeting; its link is closed for good',
  answer: { status: 204 },
  handle,
})
