import type { Instant } from '../common/instant.ts'

/** A person whose admission opens the meeting's own things (chat, files) to them. */
export interface Admitted {
  meetingId: string
  /** The LiveKit identity. */
  identity: string
  name: string
  role: 'organizer' | 'coorganizer' | 'presenter' | 'attendee'
  /** Object id of a signed-in person of the directory. */
  userId: string | null
  /** What this person came with opens: everything, but for access tokens. */
  opens: { reading: boolean; writing: boolean }
  /** Whether this person may write now, by the room's policy and their role. */
  canChat: boolean
  /** When they were first let in, for meetings that do not share the chat's history. */
  admittedAt: Instant
}

/** What the chat asks of the door. */
export interface ChatAccess {
  /** The admitted person of `Authorization: Admission <id>.<secret>`; null when it opens nothing now. */
  authenticate(id: string, secret: string): Promise<Admitted | null>
  /** When somebody signed in was first let into a meeting, which makes them a member of its chat; null if never. */
  firstAdmitted(meetingId: string, userId: string): Promise<Instant | null>
  /** Whether somebody signed in was sent out for good. */
  isKeptOut(meetingId: string, userId: string): Promise<boolean>
}
