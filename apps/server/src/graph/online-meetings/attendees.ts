import { isGuid } from '../../common/guid.ts'
import type { User } from '../../identity/directory.ts'
import type { Attendee, IdentitySet } from '../../meetings/meeting.ts'
import { invalidMember } from '../errors.ts'
import type { GraphContext } from '../operation.ts'
import type { OnlineMeetingBody } from './schema.ts'

type AttendeeBody = NonNullable<NonNullable<OnlineMeetingBody['participants']>['attendees']>[number]

/**
 * The attendees of a body, stored as sent (contract B.2). One without `upn` is completed from the directory when
 * `identity.user.id` is somebody of the tenant; else 400 names the attendee (the real service answered 500).
 */
export async function readAttendees(
  attendees: readonly AttendeeBody[],
  tenantId: string,
  context: GraphContext,
): Promise<Attendee[]> {
  const result: Attendee[] = []
  for (const [index, attendee] of attendees.entries()) {
    const path = `participants.attendees[${index}]`
    const identity = (attendee?.identity ?? null) as IdentitySet | null
    const upn = attendee?.upn?.trim() ?? ''
    const role = attendee?.role == null ? {} : { role: attendee.role }
    if (upn !== '') result.push({ identity, upn, ...role })
    else {
      const id = identity?.user?.id ?? null
      const user = id !== null && isGuid(id) ? await context.directory.users.find(tenantId, id) : undefined
      if (user === undefined) throw invalidMember(`${path}.upn`, 'is required for people who are not in the directory')
      result.push({ identity: complete(identity, user), upn: user.upn, ...role })
    }
  }
  return result
}

function complete(identity: IdentitySet | null, user: User): IdentitySet {
  const given = identity?.user ?? {}
  return {
    ...identity,
    user: { ...given, id: user.id, tenantId: user.tenantId, displayName: given.displayName ?? user.displayName },
  }
}
