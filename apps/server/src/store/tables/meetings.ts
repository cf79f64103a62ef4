import type { Instant } from '../../common/instant.ts'

export interface MeetingsTable {
  /** Internal, and the name of its media room. */
  id: string
  tenant_id: string
  organizer_id: string
  /** The 2018 `id`: nine digits. */
  vtc_id: string
  /** The GUID inside the chat thread's id; whoever knows it holds the link. */
  thread_guid: string
  /** `joinMeetingId`: the digits people type at /join. */
  join_code: string
  join_passcode: string | null
  /** The digits a caller types; null where the meeting has no dial-in. */
  participant_passcode: string | null
  leader_passcode: string | null
  external_id: string | null
  meeting_type: 'meetNow' | 'scheduled' | 'recurring' | 'broadcast'
  subject: string | null
  start_at: Instant | null
  end_at: Instant | null
  created_at: Instant
  cancelled_at: Instant | null
  expires_at: Instant
  /** 1 when the client named the moment, so that moving the meeting does not move it. */
  expires_explicit: number
  last_used_at: Instant | null
  access_level: string
  entry_exit_announcement: number
  /** JSON array of meetingParticipantInfo, as stored. */
  attendees: string
  /** JSON object of today's properties that have no column of their own. */
  options: string
  /** Counts changes; the ETag. */
  revision: number
}
