import type { Instant } from '../common/instant.ts'

export const meetingTypes = ['meetNow', 'scheduled', 'recurring', 'broadcast'] as const
export type MeetingType = (typeof meetingTypes)[number]

export const accessLevels = ['everyone', 'invited', 'locked', 'sameEnterprise', 'sameEnterpriseAndFederated', 'unknown'] as const
export type AccessLevel = (typeof accessLevels)[number]

/** One member of an identitySet, as the client gave it and the directory completed it. */
export interface Identity {
  id?: string | null
  displayName?: string | null
  tenantId?: string | null
  thumbnails?: string | null
}

export type IdentitySet = Partial<Record<IdentityKind, Identity | null>>
const identityKinds = ['application', 'applicationInstance', 'device', 'encrypted', 'guest', 'phone', 'user'] as const
type IdentityKind = (typeof identityKinds)[number]

export interface Attendee {
  identity: IdentitySet | null
  upn: string | null
  /** onlineMeetingRole; the 2018 page has none. */
  role?: string
}

/** Properties of today's contract that have no column of their own. */
export type MeetingOptions = Record<string, unknown>

/** A meeting as the domain knows it; HTTP and OData know it only through the shapes in graph/. */
export interface Meeting {
  id: string
  tenantId: string
  organizerId: string
  vtcId: string
  threadGuid: string
  joinCode: string
  joinPasscode: string | null
  participantPasscode: string | null
  leaderPasscode: string | null
  externalId: string | null
  meetingType: MeetingType
  subject: string | null
  startAt: Instant | null
  endAt: Instant | null
  createdAt: Instant
  cancelledAt: Instant | null
  expiresAt: Instant
  expiresExplicit: boolean
  lastUsedAt: Instant | null
  accessLevel: AccessLevel
  entryExitAnnouncement: boolean
  attendees: Attendee[]
  options: MeetingOptions
  revision: number
}

export type MeetingState = 'upcoming' | 'open' | 'cancelled' | 'expired'

/** What the link of a meeting leads to at a moment. Past its end a meeting stays open until it expires. */
export function stateOf(meeting: Pick<Meeting, 'cancelledAt' | 'expiresAt' | 'startAt'>, now: Instant): MeetingState {
  if (meeting.cancelledAt !== null) return 'cancelled'
  if (meeting.expiresAt <= now) return 'expired'
  return meeting.startAt !== null && meeting.startAt > now ? 'upcoming' : 'open'
}
