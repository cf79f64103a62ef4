import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely'
import { addMillis, type Instant } from '../../common/instant.ts'
import type { Schema } from '../../store/schema.ts'
import type { Admission, Affiliation, Role } from './admission.ts'
import { exclusionsOf } from './exclusion.ts'
import { isOrganizing } from './policy.ts'
import { isKnown } from './rules.ts'

/** A role given in the room holds for a day, however its person comes back. */
const heldMillis = 24 * 3_600_000

/** By what somebody is recognised when they come back, the surest first: account, personal link, number, browser. */
export function recognizedBy(admission: Parameters<typeof exclusionsOf>[0]): string[] {
  return exclusionsOf(admission).map(({ kind, value }) => `${kind}:${value}`)
}

/** By what a role is kept. Power belongs to what proves most; having none goes with everything that is surely theirs. */
export function keysOfRole(admission: Parameters<typeof exclusionsOf>[0], role: Role): string[] {
  const keys = recognizedBy(admission)
  return role === 'attendee' ? keys : keys.slice(0, 1)
}

/** The first of `recognizedBy`, of a stored admission; null for nobody in particular. */
function surestKey(table = 'admissions'): RawBuilder<string | null> {
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql`coalesce('user:' || ${column('user_id')}, 'invitation:' || ${column('invited_as')}, 'phone:' || nullif(${column('phone')}, ''), 'device:' || ${column('device')})`
}

/** Whose place an admission takes: devices and tabs of one person share it, participants of an application do not. */
export function placeOf(table = 'admissions'): RawBuilder<string> {
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql`case when ${column('user_id')} is null and ${column('tenant_id')} is not null then ${column('id')} else coalesce(${surestKey(table)}, ${column('id')}) end`
}

/** Until when a role must have been given not to count any more. */
export function roleHorizon(now: Instant): Instant {
  return addMillis(now, -heldMillis)
}

/** Whether the role given to a person is still the one that was found, undefined for none. */
export function isGivenRole(meetingId: string, key: string | undefined, role: Role | undefined, now: Instant) {
  const given = sql`(select role from given_roles where meeting_id = ${meetingId} and person = ${key ?? ''} and given_at > ${roleHorizon(now)})`
  return sql<boolean>`coalesce(${given}, '') = ${role ?? ''}`
}

/** Whether an admission is of somebody whom one of the keys recognises before all others. */
export function isRecognized(keys: readonly string[]) {
  return ({ eb }: ExpressionBuilder<Schema, 'admissions'>) => eb(surestKey(), 'in', keys)
}

/**
 * What somebody is to the door: as the meeting says, but that a role given by hand says whether they run it. It makes
 * nobody known who proved nothing.
 */
export function standingOf({ affiliation, role, roleGiven }: Pick<Admission, 'affiliation' | 'role' | 'roleGiven'>): Affiliation {
  if (!roleGiven) return affiliation
  return { ...affiliation, isCoorganizer: isOrganizing(role) && isKnown(affiliation) }
}
