import { isDeepStrictEqual } from 'node:util'
import type { Instant } from '../../common/instant.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingPatch } from '../../meetings/meeting-manager.ts'
import { mergeAttendees } from '../../meetings/merge-attendees.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { entityOf, findMeeting } from './answer.ts'
import { sourceOf } from './applications.ts'
import { readAttendees, toGraphError2018 } from './input.ts'
import { type OnlineMeeting2018Body, onlineMeeting2018 } from './schema.ts'
import { toShape2018 } from './shape.ts'

const fixed = ['audioConferencing', 'canceledDateTime', 'chatInfo', 'creationDateTime', 'id', 'joinUrl', 'meetingType'] as const

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const source = await sourceOf(request, context)
  const meeting = await findMeeting(request, context)
  const raw = readBody(request)
  const body = readEntity(onlineMeeting2018, raw)
  await refuseFixedMembers(raw as Record<string, unknown>, body, meeting, context)
  const patch = await toPatch(body, meeting, context)
  const changed = await context.meetings.update(meeting.id, patch).catch((error: unknown) => {
    throw toGraphError2018(error)
  })
  return { status: 200, body: await entityOf(request, context, source, changed) }
}

/** A client that sends back what it read may include what cannot change, as long as it has not changed it. */
async function refuseFixedMembers(
  raw: Record<string, unknown>,
  body: OnlineMeeting2018Body,
  meeting: Meeting,
  context: GraphContext,
): Promise<void> {
  const current = await toShape2018(meeting, context)
  for (const name of fixed) {
    if (!Object.hasOwn(raw, name)) continue
    const same = name === 'meetingType' ? body.meetingType === meeting.meetingType : isDeepStrictEqual(raw[name], current[name])
    if (!same) throw new GraphError('notUpdatable', { target: name })
  }
  const organizerId = body.participants?.organizer?.identity?.user?.id
  if (organizerId != null && organizerId.toLowerCase() !== meeting.organizerId)
    throw new GraphError('notUpdatable', {
      target: 'participants.organizer',
      message: 'The organizer of a meeting cannot be changed.',
    })
}

async function toPatch(body: OnlineMeeting2018Body, meeting: Meeting, context: GraphContext): Promise<MeetingPatch> {
  const attendees = body.participants?.attendees
  return {
    ...(body.subject === undefined ? {} : { subject: body.subject }),
    ...(body.startDateTime === undefined ? {} : { startAt: body.startDateTime as Instant | null }),
    ...(body.endDateTime === undefined ? {} : { endAt: body.endDateTime as Instant | null }),
    ...(body.expirationDateTime === undefined ? {} : { expiresAt: body.expirationDateTime as Instant | null }),
    ...(body.accessLevel === undefined ? {} : { accessLevel: required('accessLevel', body.accessLevel) }),
    ...(body.entryExitAnnouncement === undefined
      ? {}
      : { entryExitAnnouncement: required('entryExitAnnouncement', body.entryExitAnnouncement) }),
    ...(body.isCancelled === undefined ? {} : { cancelled: required('isCancelled', body.isCancelled) }),
    ...(attendees == null
      ? {}
      : { attendees: mergeAttendees(meeting.attendees, await readAttendees(attendees, meeting.tenantId, context)) }),
  }
}

function required<T>(name: string, value: T | null): T {
  if (value === null) throw invalidMember(name, 'must not be null')
  return value
}

const shared = {
  versions: ['beta'],
  method: 'PATCH',
  permissions: { application: ['OnlineMeetings.ReadWrite.All'], delegated: [] },
  queryOptions: ['$select'],
  summary: 'Change an online meeting; {"isCancelled": true} cancels it',
  requestBody: onlineMeeting2018,
  answer: { status: 200, schema: onlineMeeting2018 },
  handle,
} as const satisfies Omit<Operation, 'path'>

/** `PATCH /app/onlineMeetings/{id}`: ours, the 2018 page has none. */
export const updateMeeting2018: Operation[] = [
  { ...shared, path: '/app/onlineMeetings/{meetingId}' },
  { ...shared, path: '/applications/{applicationId}/onlineMeetings/{meetingId}' },
]
