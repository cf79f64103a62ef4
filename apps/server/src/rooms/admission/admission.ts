import type { AdmissionState, Reason, Role } from '@parley/door-api'
import type { Instant } from '../../common/instant.ts'
import type { TokenGrants } from './token-grants.ts'

// What the pages are told of an admission, they are told in these words; `asked` is never stored: asking and the first
// decision are one step.
export { type AdmissionState, admissionStates, type Reason, type Role, reasons, roles } from '@parley/door-api'

const ways = ['link', 'code', 'invitation', 'token', 'phone'] as const
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
  /** What the access token they came with opens; null for everything. */
  grants: TokenGrants | null
  /** Whence they asked, as a keyed hash; null where that tells nothing. */
  sender: string | null
}

export function isLive(admission: Pick<Admission, 'state'>): boolean {
  return admission.state === 'waiting' || admission.state === 'admitted'
}
