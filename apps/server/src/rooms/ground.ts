import { type ExpressionBuilder, sql } from 'kysely'
import type { Schema } from '../store/schema.ts'
import type { Instant } from '../time/instant.ts'

export interface Exclusion {
  kind: 'user' | 'invitation' | 'device' | 'phone' | 'guests'
  value: string
}

/** What a decision was made on. The write happens only while that still holds. */
export interface Ground {
  meetingId: string
  revision: number
  lock: boolean | null
  /** When guests were last made to wait because one of them was removed. */
  heldAt: Instant | null
}

/** Everybody who proves nothing, as somebody kept from passing by the lobby. */
export const allGuests: Exclusion = { kind: 'guests', value: '' }

type Builder = ExpressionBuilder<Schema, keyof Schema>

/** Whether the ground of a decision still holds; part of the statement that acts on it. */
export function holds(ground: Ground) {
  return ({ and, exists, selectFrom }: ExpressionBuilder<Schema, 'admissions'>) =>
    and([
      exists(
        selectFrom('meetings')
          .select('meetings.id')
          .where('meetings.id', '=', ground.meetingId)
          .where('meetings.revision', '=', ground.revision),
      ),
      lockIs(ground),
      holdIs(ground),
    ])
}

export function lockIs({ meetingId, lock }: Ground) {
  const value = lock === null ? -1 : Number(lock)
  return sql<boolean>`coalesce((select locked from room_states where meeting_id = ${meetingId}), -1) = ${value}`
}

export function holdIs({ meetingId, heldAt }: Ground) {
  return sql<boolean>`coalesce((select created_at from exclusions where meeting_id = ${meetingId} and kind = ${allGuests.kind}), '') = ${heldAt ?? ''}`
}

export function excludes(meetingId: string, exclusions: readonly Exclusion[]) {
  return ({ and, or, eb }: Pick<Builder, 'and' | 'or'> & { eb: ExpressionBuilder<Schema, 'exclusions'> }) =>
    and([
      eb('meeting_id', '=', meetingId),
      or(exclusions.map(({ kind, value }) => and([eb('kind', '=', kind), eb('value', '=', value)]))),
    ])
}
