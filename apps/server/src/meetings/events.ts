import type { Instant } from '../common/instant.ts'
import type { Meeting } from './meeting.ts'
import type { RosterMember } from './roster.ts'

/** Why a meeting lets nobody in any more, or ended for those who were in. */
export type ClosingReason = 'cancelled' | 'expired' | 'deleted' | 'ended'

/** What somebody is told of what was done to them. `byId` is the admission of who did it. */
export type Notice =
  | { kind: 'muted' | 'cameraStopped' | 'shareStopped' | 'handLowered'; byId: string }
  | { kind: 'role'; role: RosterMember['role']; byId: string }

/**
 * What happens in a meeting: the one vocabulary for it. An event is stored in the same unit as the change it tells of
 * (journal.ts). It names people, messages and calls by their ids; what they are is read where they are kept, so an event
 * read late tells what is true then, and erasing somebody need not look for their name here.
 */
export type EventBody =
  | { kind: 'meetingCreated' }
  /** The meeting as it was after the change: what each change made of it is told in turn. */
  | { kind: 'meetingUpdated'; meeting: Meeting }
  | { kind: 'meetingDeleted'; meeting: Meeting }
  /** Somebody came to the door, and waits, is in, or was turned away at once. */
  | { kind: 'asked'; admissionIds: string[] }
  /** Somebody who waited is in. */
  | { kind: 'admitted'; admissionIds: string[] }
  /** Name, role, standing or the reason for waiting. */
  | { kind: 'changed'; admissionIds: string[] }
  /** Left, turned away or removed. */
  | { kind: 'ended'; admissionIds: string[] }
  /** It ended for everybody who waited or was in. A meeting that is cancelled or deleted closes by that event alone. */
  | { kind: 'closed'; reason: ClosingReason }
  /** The lock, or whether guests wait because one of them was removed. */
  | { kind: 'roomChanged' }
  /** `happenedAt` is by the media server; never a `callEnded` without its `callStarted`. */
  | { kind: 'callStarted' | 'callEnded'; callId: string; happenedAt: Instant }
  /** People who came or went with all their devices; ids of admissions. */
  | { kind: 'rosterUpdated'; callId: string; happenedAt: Instant; joined: string[]; left: string[] }
  | { kind: 'chat'; change: 'created' | 'updated' | 'deleted'; messageId: string }
  | { kind: 'notice'; admissionId: string; notice: Notice }
  /** Written to one who waits, or to all who do. */
  | { kind: 'lobbyMessage'; toId: string | null; text: string; byId: string }

export type EventKind = EventBody['kind']

export type MeetingEvent = EventBody & {
  meetingId: string
  /** From 1 without a gap in each meeting, in the order of commits. */
  seq: number
  at: Instant
}

/** One kind of the union. */
export type EventOf<Kind extends EventKind> = Extract<MeetingEvent, { kind: Kind }>

/** The kinds Graph has change notifications of. */
const announcedKinds: ReadonlySet<EventKind> = new Set([
  'meetingUpdated',
  'meetingDeleted',
  'callStarted',
  'callEnded',
  'rosterUpdated',
  'chat',
])

export function isAnnounced(kind: EventKind): boolean {
  return announcedKinds.has(kind)
}
