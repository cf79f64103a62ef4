import type { Attendee, IdentitySet } from './meeting.ts'

/**
 * A new list of attendees in the shape of 2018, which has no roles and fewer kinds of identity: whoever was there before
 * keeps what that shape cannot say. People are told apart by object id, else by upn; somebody listed twice is matched in order.
 */
export function mergeAttendees(before: readonly Attendee[], after: readonly Attendee[]): Attendee[] {
  const waiting = [...before]
  return after.map((attendee) => {
    const index = waiting.findIndex((known) => isSame(known, attendee))
    if (index < 0) return attendee
    const [known] = waiting.splice(index, 1) as [Attendee]
    const role = attendee.role ?? known.role
    return { ...attendee, identity: merge(known.identity, attendee.identity), ...(role === undefined ? {} : { role }) }
  })
}

function isSame(one: Attendee, other: Attendee): boolean {
  const [id, otherId] = [one.identity?.user?.id, other.identity?.user?.id]
  if (id != null && otherId != null) return id.toLowerCase() === otherId.toLowerCase()
  return one.upn !== null && one.upn.toLowerCase() === other.upn?.toLowerCase()
}

function merge(before: IdentitySet | null, after: IdentitySet | null): IdentitySet | null {
  if (before === null || after === null) return after
  const kinds = Object.keys({ ...before, ...after }) as (keyof IdentitySet)[]
  return Object.fromEntries(
    kinds.map((kind) => {
      const [old, given] = [before[kind], after[kind]]
      return [kind, given === undefined ? old : given && { ...old, ...given }]
    }),
  )
}
