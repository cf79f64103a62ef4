import type { Instant } from '../../common/instant.ts'

/** What happened in a meeting (meetings/events.ts), numbered by its `room_states.seq`. */
export interface MeetingEventsTable {
  meeting_id: string
  /** From 1 without a gap, in the order of commits. */
  seq: number
  kind: string
  /** JSON of the event's own members; ids rather than names, so that erasing a person need not look here. */
  payload: string
  at: Instant
  /** 1 while change notifications are still to be made of it. */
  pending: number | null
}
