import type { Instant } from '../../common/instant.ts'

export const roles = ['organizer', 'coorganizer', 'presenter', 'attendee'] as const
export type Role = (typeof roles)[number]

/**
 * Where somebody stands at the door. `asked` is never stored: asking and the first decision are one step.
 * Only `waiting` and `admitted` are live; from the others there is no way back but to ask again.
 */
export const admissionStates = ['waiting', 'admitted', 'denied', 'left', 'expired', 'removed'] as const
export type AdmissionState = (typeof admissionStates)[number]

export const reasons = [
  'lobby',
  'notStarted',
  'locked',
  'guestRemoved',
  'invitedOnly',
  'organizationOnly',
  'organizerMissing',
  'full',
  'denied',
  'removed',
  'cancelled',
  'expired',
  'deleted',
  'ended',
] as const
export type Reason = (typeof reasons)[number]

export const ways = ['link', 'code', 'invitation', 'token', 'phone'] as const
export type Way = (typeof ways)[number]

/** What somebody is to a meeting, as far as the rules ask. */
export interface Affiliation {
  isOrganizer: boolean
  isCoorganizer: boolean
  /** Named among the attendees, and proved it: signed in, or by the personal link. */
  isInvited: boolean
  /** Signed in, in the meeting's tenant. */
  isMember: boolean
  /** Signed in, elsewhere. */
  isFederated: boolean
  isPhone: boolean
}

/** One person's way through the door of one meeting. */
export interface Admission {
  id: string
  meetingId: string
  identity: string
  state: AdmissionState
  reason: Reason | null
  name: string
  lang: string
  way: Way
  person: string
  userId: string | null
  tenantId: string | null
  upn: string | null
  invitedAs: string | null
  phone: string | null
  device: string | null
  affiliation: Affiliation
  role: Role
  roleGiven: boolean
  askedAt: Instant
  admittedAt: Instant | null
  endedAt: Instant | null
  decidedBy: string | null
}

export function isLive(admission: Pick<Admission, 'state'>): boolean {
  return admission.state === 'waiting' || admission.state === 'admitted'
}
