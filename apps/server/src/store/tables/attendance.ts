import type { Instant } from '../../common/instant.ts'

/** One use of a meeting's room, from the first who came to the last who left. */
export interface AttendanceSessionsTable {
  id: string
  meeting_id: string
  started_at: Instant
  ended_at: Instant | null
}

/** One presence of one device in a media room. */
export interface AttendanceIntervalsTable {
  /** The media server's id of the presence. */
  sid: string
  session_id: string
  meeting_id: string
  admission_id: string
  joined_at: Instant
  left_at: Instant | null
  /** When the presence was last confirmed. */
  seen_at: Instant
  /** event or reconciliation. */
  closed_by: string | null
}
