import { addMillis, type Instant } from '../../common/instant.ts'
import { MeetingError, type MeetingMember } from '../../meetings/meeting-error.ts'
import { GraphError, invalidMember } from '../errors.ts'

const members: Record<MeetingMember, string> = {
  start: 'startDateTime',
  end: 'endDateTime',
  expiration: 'expiryDateTime',
  organizer: 'participants.organizer',
  attendees: 'participants.attendees',
  externalId: 'externalId',
  revision: 'If-Match',
}

/** A rule's refusal in the words of today's shape. */
export function toGraphError(error: unknown): unknown {
  if (!(error instanceof MeetingError)) return error
  if (error.reason === 'missing') return new GraphError('meetingNotFound')
  if (error.reason === 'conflict')
    return error.member === 'revision'
      ? new GraphError('preconditionFailed', { target: 'If-Match' })
      : new GraphError('conflict', { message: `The meeting was not stored: ${members[error.member]} ${error.message}.` })
  return invalidMember(members[error.member], error.message)
}

const defaultLength = 3_600_000

/** Start and end with the defaults of contract B.3: now, and an hour later. Throws GraphError for an end without a start. */
export function readTimes(
  body: { startDateTime?: string | null | undefined; endDateTime?: string | null | undefined },
  now: Instant,
): { startAt: Instant; endAt: Instant } {
  if (body.endDateTime != null && body.startDateTime == null)
    throw invalidMember('startDateTime', 'is required together with endDateTime')
  const startAt = (body.startDateTime ?? now) as Instant
  return { startAt, endAt: (body.endDateTime as Instant | null | undefined) ?? addMillis(startAt, defaultLength) }
}

/** Channels do not exist here, so a meeting cannot be made in one (contract B.2). */
export function refuseChannel(chatInfo: { threadId?: string | null } | null | undefined): void {
  if (chatInfo?.threadId?.endsWith('@thread.tacv2') === true)
    throw new GraphError('badRequest', { message: 'An error has occurred.', target: 'chatInfo.threadId' })
}
