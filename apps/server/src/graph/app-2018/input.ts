import { isGuid } from '../../common/guid.ts'
import type { User } from '../../identity/directory.ts'
import type { Attendee, Identity, IdentitySet } from '../../meetings/meeting.ts'
import { MeetingError, type MeetingMember } from '../../meetings/meeting-error.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext } from '../operation.ts'
import type { OnlineMeeting2018Body } from './schema.ts'

const organizerPath = 'participants.organizer.identity.user.id'

const members: Record<MeetingMember, string> = {
  start: 'startDateTime',
  end: 'endDateTime',
  expiration: 'expirationDateTime',
  organizer: organizerPath,
  attendees: 'participants.attendees',
  externalId: 'externalId',
  revision: 'If-Match',
}

/** A rule's refusal in the words of the 2018 shape. */
export function toGraphError2018(error: unknown): unknown {
  if (!(error instanceof MeetingError)) return error
  if (error.reason === 'missing') return new GraphError('meetingNotFound')
  if (error.reason === 'conflict')
    return new GraphError('conflict', { message: `The meeting was not stored: ${members[error.member]} ${error.message}.` })
  return invalidMember(members[error.member], error.message)
}

/** The user a meeting is made for. 400 when the body names none, 404 when the token's tenant has no such user. */
export async function readOrganizer(body: OnlineMeeting2018Body, tenantId: string, context: GraphContext): Promise<User> {
  const id = body.participants?.organizer?.identity?.user?.id
  if (id == null || id === '')
    throw invalidMember(organizerPath, 'is required: the object id of the user the meeting is made for')
  if (!isGuid(id)) throw invalidMember(organizerPath, 'expected the object id (a GUID) of a user')
  const user = await context.directory.users.find(tenantId, id)
  if (user === undefined)
    throw new GraphError('userNotFound', { target: organizerPath, message: `No user of the tenant has the object id '${id}'.` })
  return user
}

type AttendeeBody = NonNullable<NonNullable<OnlineMeeting2018Body['participants']>['attendees']>[number]

/**
 * Attendees by object id, upn or both. People of the tenant are completed from the directory; people outside stay as
 * they were given. 400 names the attendee that has neither id nor upn.
 */
export async function readAttendees(
  attendees: readonly AttendeeBody[],
  tenantId: string,
  context: GraphContext,
): Promise<Attendee[]> {
  const result: Attendee[] = []
  for (const [index, attendee] of attendees.entries()) {
    const path = `participants.attendees[${index}]`
    const id = attendee?.identity?.user?.id ?? null
    const upn = attendee?.upn ?? null
    if ((id === null || id === '') && (upn === null || upn.trim() === ''))
      throw invalidMember(path, 'needs identity.user.id or upn')
    const known =
      id !== null && isGuid(id) ? await context.directory.users.find(tenantId, id) : await findByUpn(upn, tenantId, context)
    const identity = (attendee?.identity ?? null) as IdentitySet | null
    result.push(known === undefined ? { identity, upn } : complete(identity, known, upn))
  }
  return result
}

async function findByUpn(upn: string | null, tenantId: string, context: GraphContext): Promise<User | undefined> {
  const user = upn === null ? undefined : await context.directory.users.findByUpn(upn)
  return user?.tenantId === tenantId ? user : undefined
}

function complete(identity: IdentitySet | null, user: User, upn: string | null): Attendee {
  const given: Identity = identity?.user ?? {}
  return {
    identity: {
      ...identity,
      user: { ...given, id: user.id, tenantId: user.tenantId, displayName: given.displayName ?? user.displayName },
    },
    upn: upn ?? user.upn,
  }
}
