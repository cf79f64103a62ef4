import type { Instant } from '../common/instant.ts'
import type { IdentitySet } from './meeting.ts'

/** One session of a meeting: from the first who came to the last who left. */
export interface AttendanceSession {
  /** A GUID: the report's id. */
  id: string
  startedAt: Instant
  /** Null while it runs. */
  endedAt: Instant | null
  participants: number
}

/** One person's presence in a session. */
export interface AttendanceRecord {
  id: string
  displayName: string | null
  email: string | null
  identity: IdentitySet | null
  role: 'Organizer' | 'Presenter' | 'Attendee' | 'None'
  intervals: { joinedAt: Instant; leftAt: Instant }[]
}

/** Where attendance is kept; the door keeps it. */
export interface AttendanceSource {
  /** Sessions of a meeting (its internal id), newest first. */
  sessions(meetingId: string): Promise<AttendanceSession[]>
  records(sessionId: string): Promise<AttendanceRecord[]>
  /** Whether somebody is in the meeting's room, or was a moment ago. */
  isLive(meetingId: string): Promise<boolean>
}
