import type { CloseReason, PhoneState, WaitReason } from '@parley/sip/dial-in'
import type { Reason } from '../rooms/admission/admission.ts'
import { DoorError } from '../rooms/admission/door-error.ts'

/** The `admission` event of the door, as far as a telephone needs it. */
export interface AdmissionNews {
  state: string
  reason: Reason | null
  media?: { url: string; token: string }
}

const closing: Partial<Record<Reason, CloseReason>> = {
  denied: 'denied',
  removed: 'removed',
  cancelled: 'cancelled',
  expired: 'expired',
  deleted: 'cancelled',
  ended: 'ended',
}

/** What a caller hears of why the admission waits; of what is not here, that somebody will let in. */
const waiting: Partial<Record<Reason, WaitReason>> = {
  organizerMissing: 'organizer',
  notStarted: 'not-started',
  locked: 'locked',
  full: 'full',
  invitedOnly: 'invited',
  organizationOnly: 'organization',
}

/** What a caller hears of where the admission stands. Undefined when there is nothing new to say. */
export function toPhoneState({ state, reason, media }: AdmissionNews): PhoneState | undefined {
  if (state === 'waiting') return { state: 'waiting', why: waiting[reason ?? 'lobby'] ?? 'lobby' }
  if (state === 'admitted') return media && { state: 'admitted', ...media }
  if (state === 'left') return { state: 'closed', reason: 'wait-expired' }
  return { state: 'closed', reason: closing[reason ?? 'ended'] ?? 'ended' }
}

/** Why a meeting takes no calls at all, from the door's refusal. */
export function closedBy(error: unknown): CloseReason {
  if (!(error instanceof DoorError)) throw error
  switch (error.code) {
    case 'MeetingCancelled':
    case 'MeetingDeleted':
      return 'cancelled'
    case 'MeetingExpired':
      return 'expired'
    case 'MeetingEnded':
      return 'ended'
    default:
      throw error
  }
}
