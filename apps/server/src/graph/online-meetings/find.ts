import type { User } from '../../identity/directory.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'
import { decodeMeetingId } from './meeting-id.ts'

/**
 * The meeting an id names, for its organizer or somebody invited (contract B.4). Somebody else's meeting, and one that
 * does not exist under another organizer's id, get the same 404. Throws GraphError.
 */
export async function findForReading(request: GraphRequest, context: GraphContext, user: User): Promise<Meeting> {
  const key = decodeMeetingId(request.keys.meetingId ?? '')
  const found = await context.meetingStore.findByThread(key.threadGuid)
  const meeting = found?.tenantId === user.tenantId ? found : undefined
  const mine = key.organizerId === user.id
  if (meeting !== undefined && mine && meeting.organizerId === user.id) return meeting
  // Somebody invited may hold the organizer's id or one composed with their own.
  if (meeting !== undefined && (mine || key.organizerId === meeting.organizerId) && isInvited(meeting, user)) return meeting
  if (mine) throw new GraphError('meetingNotFound')
  throw new GraphError('meetingNotFound', { message: `Organizer Id mismatch User Id: ${user.id}.` })
}

/** The meeting an id names, for its organizer only. Throws GraphError. */
export async function findForWriting(request: GraphRequest, context: GraphContext, user: User): Promise<Meeting> {
  const meeting = await findForReading(request, context, user)
  if (meeting.organizerId === user.id) return meeting
  throw new GraphError('forbidden', {
    message: 'Only the organizer of the meeting can do this.',
    about: user.id,
    reason: 'the user is invited to the meeting but does not organize it',
  })
}

/** Whether somebody of the directory is among the attendees, by object id or upn. */
export function isInvited(meeting: Meeting, user: User): boolean {
  return meeting.attendees.some(
    ({ identity, upn }) => identity?.user?.id?.toLowerCase() === user.id || upn?.toLowerCase() === user.upnKey,
  )
}
