import { type ExpressionBuilder, sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { Schema } from '../../store/schema.ts'
import type { Role } from './admission.ts'
import { allGuests, type Exclusion } from './exclusion.ts'
import { isGivenRole, placeOf } from './recognition.ts'

/** What a decision was made on. The write happens only while that still holds. */
export interface Precondition {
  meetingId: string
  revision: number
  lock: boolean | null
  /** When guests were last made to wait because one of them was removed. */
  heldAt: Instant | null
  /** Whether so many people or more are in; where that decided. */
  full?: { capacity: number; is: boolean }
  /** Whether somebody who runs the meeting is in; where that decided. */
  organizerIn?: boolean
  /** The role that was given to the person, undefined for none, and what recognises them; where one is let in or waits. */
  given?: { key: string | undefined; role: Role | undefined; now: Instant }
}

type Builder = ExpressionBuilder<Schema, keyof Schema>

/** Whether the precondition of a decision still holds; part of the statement that acts on it. */
export function stillHolds(precondition: Precondition) {
  return ({ and, exists, selectFrom }: ExpressionBuilder<Schema, 'admissions'>) =>
    and([
      exists(
        selectFrom('meetings')
          .select('meetings.id')
          .where('meetings.id', '=', precondition.meetingId)
          .where('meetings.revision', '=', precondition.revision),
      ),
      isStill(precondition),
    ])
}

/** Whether the room is as it was: its lock, who is held, and, where they decided, the places and the organizer. */
export function isStill(precondition: Precondition) {
  const { meetingId, full, organizerIn, given } = precondition
  const conditions = [lockIs(precondition), holdIs(precondition)]
  if (full !== undefined) {
    const count = sql`(select count(distinct ${placeOf('others')}) from admissions as others where others.meeting_id = ${meetingId} and others.state = 'admitted')`
    conditions.push(full.is ? sql<boolean>`${count} >= ${full.capacity}` : sql<boolean>`${count} < ${full.capacity}`)
  }
  if (organizerIn !== undefined) {
    const organizer = sql`(select 1 from admissions as others where others.meeting_id = ${meetingId} and others.state = 'admitted' and others.role in ('organizer', 'coorganizer'))`
    conditions.push(organizerIn ? sql<boolean>`exists ${organizer}` : sql<boolean>`not exists ${organizer}`)
  }
  if (given !== undefined) conditions.push(isGivenRole(meetingId, given.key, given.role, given.now))
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`
}

function lockIs({ meetingId, lock }: Precondition) {
  const value = lock === null ? -1 : Number(lock)
  return sql<boolean>`coalesce((select locked from room_states where meeting_id = ${meetingId}), -1) = ${value}`
}

function holdIs({ meetingId, heldAt }: Precondition) {
  return sql<boolean>`coalesce((select created_at from exclusions where meeting_id = ${meetingId} and kind = ${allGuests.kind}), '') = ${heldAt ?? ''}`
}

export function excludes(meetingId: string, exclusions: readonly Exclusion[]) {
  return ({ and, or, eb }: Pick<Builder, 'and' | 'or'> & { eb: ExpressionBuilder<Schema, 'exclusions'> }) =>
    and([
      eb('meeting_id', '=', meetingId),
      or(exclusions.map(({ kind, value }) => and([eb('kind', '=', kind), eb('value', '=', value)]))),
    ])
}

const columnOf = { user: 'user_id', invitation: 'invited_as', phone: 'phone', device: 'device' } as const

/** Whether an admission is of somebody the exclusions name. */
export function isNamed(exclusions: readonly Exclusion[]) {
  return ({ or, eb }: ExpressionBuilder<Schema, 'admissions'>) =>
    or(exclusions.flatMap(({ kind, value }) => (kind === 'guests' ? [] : [eb(`admissions.${columnOf[kind]}`, '=', value)])))
}
