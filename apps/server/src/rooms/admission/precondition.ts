import { type ExpressionBuilder, sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { Schema } from '../../store/schema.ts'

export interface Exclusion {
  kind: 'user' | 'invitation' | 'device' | 'phone' | 'guests'
  value: string
}

/** What a decision was made on. The write happens only while that still holds. */
export interface Precondition {
  meetingId: string
  revision: number
  lock: boolean | null
  /** When guests were last made to wait because one of them was removed. */
  heldAt: Instant | null
}

/** Everybody who proves nothing, as somebody kept from passing by the lobby. */
export const allGuests: Exclusion = { kind: 'guests', value: '' }

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
      lockIs(precondition),
      holdIs(precondition),
    ])
}

export function lockIs({ meetingId, lock }: Precondition) {
  const value = lock === null ? -1 : Number(lock)
  return sql<boolean>`coalesce((select locked from room_states where meeting_id = ${meetingId}), -1) = ${value}`
}

export function holdIs({ meetingId, heldAt }: Precondition) {
  return sql<boolean>`coalesce((select created_at from exclusions where meeting_id = ${meetingId} and kind = ${allGuests.kind}), '') = ${heldAt ?? ''}`
}

export function excludes(meetingId: string, exclusions: readonly Exclusion[]) {
  return ({ and, or, eb }: Pick<Builder, 'and' | 'or'> & { eb: ExpressionBuilder<Schema, 'exclusions'> }) =>
    and([
      eb('meeting_id', '=', meetingId),
      or(exclusions.map(({ kind, value }) => and([eb('kind', '=', kind), eb('value', '=', value)]))),
    ])
}
