import type { Instant } from '../../common/instant.ts'
import type { MeetingDraft } from '../../meetings/meeting-manager.ts'
import { checkAccessPolicy } from '../access-policy.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { entityOf } from './answer.ts'
import { sourceOf } from './applications.ts'
import { readAttendees, readOrganizer, toGraphError2018 } from './input.ts'
import { onlineMeeting2018 } from './schema.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const source = await sourceOf(request, context)
  const body = readEntity(onlineMeeting2018, readBody(request))
  const organizer = await readOrganizer(body, request.principal.tenantId, context)
  await checkAccessPolicy(request, context, organizer.id)
  const draft: MeetingDraft = {
    tenantId: organizer.tenantId,
    organizerId: organizer.id,
    meetingType: body.meetingType ?? undefined,
    subject: body.subject,
    startAt: body.startDateTime as Instant | null | undefined,
    endAt: body.endDateTime as Instant | null | undefined,
    expiresAt: body.expirationDateTime as Instant | null | undefined,
    accessLevel: body.accessLevel ?? undefined,
    entryExitAnnouncement: body.entryExitAnnouncement ?? undefined,
    attendees: await readAttendees(body.participants?.attendees ?? [], organizer.tenantId, context),
  }
  const meeting = await context.meetings.create(draft).catch((error: unknown) => {
    throw toGraphError2018(error)
  })
  return {
    status: 201,
    headers: { Location: `${request.origin}/${request.version}/${source.path}/${meeting.vtcId}` },
    body: await entityOf(request, context, source, meeting),
  }
}

const shared = {
  versions: ['beta'],
  method: 'POST',
  permissions: { application: ['OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: ['$select'],
  summary: 'Create an online meeting on behalf of the user named in the body',
  requestBody: onlineMeeting2018,
  answer: { status: 201, schema: onlineMeeting2018 },
  handle,
} as const satisfies Omit<Operation, 'path'>

/** `POST /app/onlineMeetings` and its twin under `/applications/{id}` (contract A.1). */
export const createMeeting2018: Operation[] = [
  { ...shared, path: '/app/onlineMeetings' },
  { ...shared, path: '/applications/{applicationId}/onlineMeetings' },
]
