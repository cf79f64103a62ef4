import type { Attendee } from './meeting.ts'

/**
 * A new list of attendees in a shape that knows no roles: whoever was there before keeps theirs. People are told apart by
 * object id, else by upn.
 */
export function keepRoles(before: readonly Attendee[], after: readonly Attendee[]): Attendee[] {
  const byId = new Map(before.flatMap((attendee) => (idOf(attendee) === undefined ? [] : [[idOf(attendee), attendee]])))
  const byUpn = new Map(before.flatMap((attendee) => (upnOf(attendee) === undefined ? [] : [[upnOf(attendee), attendee]])))
  return after.map((attendee) => {
    const known = byId.get(idOf(attendee)) ?? byUpn.get(upnOf(attendee))
    return known?.role === undefined || attendee.role !== undefined ? attendee : { ...attendee, role: known.role }
  })
}

const idOf = ({ identity }: Attendee) => identity?.user?.id?.toLowerCase()
const upnOf = ({ upn }: Attendee) => upn?.toLowerCase()
