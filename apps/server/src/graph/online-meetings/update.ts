import type { Instant } from '../../common/instant.ts'
import type { User } from '../../identity/directory.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingPatch } from '../../meetings/meeting-manager.ts'
import { GraphError, invalidMember } from '../errors.ts'
import { readIfMatch } from '../odata/etag.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { answerMeeting } from './answer.ts'
import { readAttendees } from './attendees.ts'
import { findForWriting } from './find.ts'
import { readOptions } from './options-input.ts'
import { ownerOf } from './owner.ts'
import { toGraphError } from './rules.ts'
import { meetingProperties, type OnlineMeetingBody, onlineMeeting, updatableProperties } from './schema.ts'
import { underUser, writePermissions } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const meeting = await findForWriting(request, context, owner.user)
  const expected = readIfMatch(request.headers['if-match'], meeting.revision)
  const raw = readBody(request)
  const body = readEntity(onlineMeeting, raw)
  refuseFixedMembers(raw as Record<string, unknown>)
  refuseOrganizer(body, owner.user)
  const attendees = body.participants?.attendees
  const invited = attendees == null ? undefined : await readAttendees(attendees, meeting.tenantId, context)
  const times = readNewTimes(body)
  // Options are merged into what is stored at that moment, not into what was read before.
  const change = (before: Meeting): MeetingPatch => ({
    ...(body.subject === undefined ? {} : { subject: body.subject }),
    ...times,
    ...(invited === undefined ? {} : { attendees: invited }),
    ...readOptions(body, before),
  })
  const changed = await context.meetings.update(meeting.id, change, expected).catch((error: unknown) => {
    const refusal = toGraphError(error)
    const raced = refusal instanceof GraphError && refusal.errorName === 'preconditionFailed' && expected === undefined
    // A client that demanded no revision failed no precondition; it only met too many others.
    throw raced ? new GraphError('conflict', { message: refusal.message }) : refusal
  })
  return answerMeeting(request, context, owner, changed)
}

/** Annotations and members of the open type pass; what cannot change is refused even when it would stay the same (contract B.6). */
function refuseFixedMembers(raw: Record<string, unknown>): void {
  if (Object.hasOwn(raw, 'meetingType'))
    throw new GraphError('notUpdatable', { target: 'meetingType', message: 'Updating meeting type is not supported.' })
  const fixed = meetingProperties.find((name) => Object.hasOwn(raw, name) && !updatableProperties.has(name))
  if (fixed !== undefined) throw new GraphError('notUpdatable', { target: fixed })
}

function refuseOrganizer(body: OnlineMeetingBody, user: User): void {
  const organizer = body.participants?.organizer
  const id = organizer?.identity?.user?.id
  const upn = organizer?.upn
  if ((id != null && id.toLowerCase() !== user.id) || (upn != null && upn.toLowerCase() !== user.upnKey))
    throw new GraphError('notUpdatable', { target: 'participants.organizer' })
}

/** Start and end change only together. */
function readNewTimes({ startDateTime, endDateTime }: OnlineMeetingBody): Pick<MeetingPatch, 'startAt' | 'endAt'> {
  if (startDateTime == null && endDateTime == null) return {}
  if (startDateTime == null) throw invalidMember('startDateTime', 'must be sent together with endDateTime')
  if (endDateTime == null) throw invalidMember('endDateTime', 'must be sent together with startDateTime')
  return { startAt: startDateTime as Instant, endAt: endDateTime as Instant }
}

/** `PATCH {u}/onlineMeetings/{id}` (contract B.6); `If-Match` is our addition. */
export const updateMeeting = underUser({
  method: 'PATCH',
  path: '/onlineMeetings/{meetingId}',
  permissions: writePermissions,
  queryOptions: ['$select'],
  summary: 'Change an online meeting',
  requestBody: onlineMeeting,
  answer: { status: 200, schema: onlineMeeting },
  handle,
})
