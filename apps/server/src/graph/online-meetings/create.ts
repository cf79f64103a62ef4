import type { User } from '../../identity/directory.ts'
import { newJoinPasscode } from '../../meetings/ids.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { answerMeeting } from './answer.ts'
import { readAttendees } from './attendees.ts'
import { onlyOnce } from './idempotency.ts'
import { readOptions } from './options-input.ts'
import { ownerOf } from './owner.ts'
import { readTimes, refuseChannel, toGraphError } from './rules.ts'
import { type OnlineMeetingBody, onlineMeeting } from './schema.ts'
import { underUser, writePermissions } from './under-user.ts'

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const body = readEntity(onlineMeeting, readBody(request))
  const made = await onlyOnce(request, context, owner.user, () => createFor(owner.user, body, context))
  const response = await answerMeeting(request, context, owner, made.meeting, 201)
  return made.replayed ? { ...response, headers: { ...response.headers, 'Idempotent-Replayed': 'true' } } : response
}

/** Make a meeting of a body for an organizer; an organizer in the body chooses nothing (contract B.2). Throws GraphError. */
async function createFor(user: User, body: OnlineMeetingBody, context: GraphContext): Promise<Meeting> {
  if (body.externalId != null) throw invalidMember('externalId', 'belongs to createOrGet')
  refuseChannel(body.chatInfo)
  if (body.joinMeetingIdSettings?.passcode != null)
    throw invalidMember('joinMeetingIdSettings.passcode', 'cannot be chosen; the server makes it')
  // The defaults of today's contract differ from those of 2018 in one thing: who waits.
  const { accessLevel, options, entryExitAnnouncement } = readOptions(body, { accessLevel: 'sameEnterprise', options: {} })
  const draft = {
    tenantId: user.tenantId,
    organizerId: user.id,
    meetingType: 'scheduled' as const,
    subject: body.subject,
    ...readTimes(body, context.clock.now()),
    accessLevel,
    options,
    entryExitAnnouncement,
    attendees: await readAttendees(body.participants?.attendees ?? [], user.tenantId, context),
    joinPasscode: body.joinMeetingIdSettings?.isPasscodeRequired === true ? newJoinPasscode() : null,
  }
  return context.meetings.create(draft).catch((error: unknown) => {
    throw toGraphError(error)
  })
}

/** `POST {u}/onlineMeetings`. */
export const createMeeting = underUser({
  method: 'POST',
  path: '/onlineMeetings',
  permissions: writePermissions,
  queryOptions: ['$select'],
  summary: 'Create an online meeting; the user of the path, or of the token, organizes it',
  requestBody: onlineMeeting,
  answer: { status: 201, schema: onlineMeeting },
  handle,
})
