import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { answerMeeting } from './answer.ts'
import { findForReading } from './find.ts'
import { ownerOf } from './owner.ts'
import { onlineMeeting } from './schema.ts'
import { readPermissions, underUser } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  return answerMeeting(request, context, owner, await findForReading(request, context, owner.user))
}

/** `GET {u}/onlineMeetings/{id}`, for the organizer and for people invited (contract B.4). */
export const getMeeting = underUser({
  method: 'GET',
  path: '/onlineMeetings/{meetingId}',
  permissions: readPermissions,
  queryOptions: ['$select'],
  summary: 'Get an online meeting by its id',
  answer: { status: 200, schema: onlineMeeting },
  handle,
})
