import { newLeaderPasscode } from '../../meetings/ids.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { entityOf, findMeeting } from './answer.ts'
import { sourceOf } from './applications.ts'
import { onlineMeeting2018 } from './schema.ts'

async function renew(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const source = await sourceOf(request, context)
  const meeting = await findMeeting(request, context)
  const changed = await context.meetings.update(meeting.id, { leaderPasscode: newLeaderPasscode() })
  return { status: 200, body: await entityOf(request, context, source, changed) }
}

async function remove(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  await sourceOf(request, context)
  const meeting = await findMeeting(request, context)
  if (meeting.leaderPasscode !== null) await context.meetings.update(meeting.id, { leaderPasscode: null })
  return { status: 204 }
}

const shared = {
  versions: ['beta'],
  permissions: { application: ['OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: [],
} as const
const renewing = {
  ...shared,
  method: 'POST',
  summary: "Give an online meeting a leader's passcode, a new one where it has one",
  answer: { status: 200, schema: onlineMeeting2018 },
  handle: renew,
} as const satisfies Omit<Operation, 'path'>
const removing = {
  ...shared,
  method: 'DELETE',
  summary: "Take an online meeting's leader's passcode away",
  answer: { status: 204 },
  handle: remove,
} as const satisfies Omit<Operation, 'path'>

/** `POST` and `DELETE /app/onlineMeetings/{id}/leaderPasscode`: ours; Graph decides by policy, outside its API. */
export const leaderPasscode2018: Operation[] = [renewing, removing].flatMap((operation): Operation[] => [
  { ...operation, path: '/app/onlineMeetings/{meetingId}/leaderPasscode' },
  { ...operation, path: '/applications/{applicationId}/onlineMeetings/{meetingId}/leaderPasscode' },
])
