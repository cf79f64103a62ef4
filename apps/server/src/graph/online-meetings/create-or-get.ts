import { MeetingError } from '../../meetings/meeting-error.ts'
import type { MeetingDraft } from '../../meetings/meeting-manager.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest, GraphResponse } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { readEntity } from '../schema/read.ts'
import { answerMeeting } from './answer.ts'
import { readAttendees } from './attendees.ts'
import { ownerOf } from './owner.ts'
import { readTimes, refuseChannel, toGraphError } from './rules.ts'
import { createOrGetParameters, onlineMeeting } from './schema.ts'
import { underUser, writePermissions } from './under-user.ts'

/** Between losing the race to create and reading the winner, the winner may be deleted; then it is our turn again. */
const attempts = 4

async function handle(request: GraphRequest, context: GraphContext): Promise<GraphResponse> {
  const owner = await ownerOf(request, context)
  const body = readEntity(createOrGetParameters, readBody(request))
  const { externalId } = body
  if (externalId == null || externalId === '') throw invalidMember('externalId', 'is required')
  const key = [owner.user.tenantId, owner.user.id, externalId] as const
  for (let attempt = 0; attempt < attempts; attempt++) {
    const existing = await context.meetingStore.findByExternalId(...key)
    // The rest of the body is ignored when the meeting exists, even when it is wrong (contract B.3).
    if (existing !== undefined) return answerMeeting(request, context, owner, existing, 200)
    refuseChannel(body.chatInfo)
    const draft: MeetingDraft = {
      tenantId: owner.user.tenantId,
      organizerId: owner.user.id,
      externalId,
      meetingType: 'scheduled',
      subject: body.subject,
      ...readTimes(body, context.clock.now()),
      accessLevel: 'sameEnterprise',
      attendees: await readAttendees(body.participants?.attendees ?? [], owner.user.tenantId, context),
    }
    const made = await context.meetings.create(draft).catch((error: unknown) => {
      if (error instanceof MeetingError && error.reason === 'conflict' && error.member === 'externalId') return undefined
      throw toGraphError(error)
    })
    if (made !== undefined) return answerMeeting(request, context, owner, made, 201)
  }
  throw new GraphError('conflict')
}

/** `POST {u}/onlineMeetings/createOrGet`; who is first is decided by the database's unique index. */
export const createOrGetMeeting = underUser({
  method: 'POST',
  path: '/onlineMeetings/createOrGet',
  permissions: writePermissions,
  queryOptions: ['$select'],
  summary: 'Create an online meeting, or get the one that the organizer has of this externalId',
  requestBody: createOrGetParameters,
  answer: { status: 200, schema: onlineMeeting },
  handle,
})
