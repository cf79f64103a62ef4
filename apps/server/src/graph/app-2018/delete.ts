import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { findMeeting } from './answer.ts'
import { sourceOf } from './applications.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  await sourceOf(request, context)
  const meeting = await findMeeting(request, context)
  if (!(await context.meetings.delete(meeting))) throw new GraphError('meetingNotFound')
  return { status: 204 }
}

const shared = {
  versions: ['beta'],
  method: 'DELETE',
  permissions: { application: ['OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: [],
  summary: 'Delete an online meeting; its link is closed for good',
  answer: { status: 204 },
  handle,
} as const satisfies Omit<Operation, 'path'>

/** `DELETE /app/onlineMeetings/{id}`: ours, the 2018 page has none. */
export const deleteMeeting2018: Operation[] = [
  { ...shared, path: '/app/onlineMeetings/{meetingId}' },
  { ...shared, path: '/applications/{applicationId}/onlineMeetings/{meetingId}' },
]
