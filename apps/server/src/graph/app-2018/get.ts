import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { entityOf, findMeeting } from './answer.ts'
import { sourceOf } from './applications.ts'
import { onlineMeeting2018 } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const source = await sourceOf(request, context)
  const meeting = await findMeeting(request, context)
  return { status: 200, body: await entityOf(request, context, source, meeting) }
}

const shared = {
  versions: ['beta'],
  method: 'GET',
  permissions: { application: ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: ['$select'],
  summary: 'Get an online meeting by the id its creation answered',
  answer: { status: 200, schema: onlineMeeting2018 },
  handle,
} as const satisfies Omit<Operation, 'path'>

/** `GET /app/onlineMeetings/{id}` and its twin under `/applications/{id}` (contract A.1, A.8). */
export const getMeeting2018: Operation[] = [
  { ...shared, path: '/app/onlineMeetings/{meetingId}' },
  { ...shared, path: '/applications/{applicationId}/onlineMeetings/{meetingId}' },
]
