import { createHash } from 'node:crypto'
import { type Meeting, stateOf } from '../meetings/meeting.ts'
import type { Instant } from '../time/instant.ts'
import type { Admission, Reason } from './admission.ts'
import type { Exclusion, Ground } from './admission-store.ts'
import { DoorError, type DoorErrorCode } from './door-error.ts'
import type { Proof } from './policy.ts'
import type { Verdict } from './rules.ts'

const closedCodes: Partial<Record<Reason, DoorErrorCode>> = {
  cancelled: 'MeetingCancelled',
  expired: 'MeetingExpired',
  deleted: 'MeetingDeleted',
  ended: 'MeetingEnded',
}

/** Why a meeting lets nobody in any more, or undefined. */
export function closedReason(meeting: Meeting, now: Instant): 'cancelled' | 'expired' | undefined {
  const state = stateOf(meeting, now)
  return state === 'cancelled' || state === 'expired' ? state : undefined
}

/** Throws DoorError when a meeting lets nobody in any more. */
export function checkOpen(meeting: Meeting, now: Instant): void {
  const reason = closedReason(meeting, now)
  if (reason !== undefined) throw new DoorError(closedCodes[reason]!)
}

/** An admission after the first verdict. */
export function settled(draft: Admission, { state, reason }: Verdict): Admission {
  return {
    ...draft,
    state,
    reason,
    admittedAt: state === 'admitted' ? draft.askedAt : null,
    endedAt: state === 'denied' ? draft.askedAt : null,
  }
}

/** The refusal for who decides second, with the outcome. */
export function alreadyDecided(found: Admission): DoorError {
  return new DoorError('AlreadyDecided', {
    detail: { outcome: { id: found.id, state: found.state, reason: found.reason, by: found.decidedBy } },
  })
}

/** What several devices of one human share. */
export function personOf(id: string, { user, invitedAs }: Proof, number: string | undefined): string {
  if (user !== null) return `user:${user.id}`
  if (invitedAs !== null) return `invitation:${invitedAs}`
  return number ? `phone:${number}` : `admission:${id}`
}

/** What keeps somebody out who may not return: everything that is surely theirs. */
export function exclusionsOf(admission: Pick<Admission, 'userId' | 'invitedAs' | 'phone' | 'device'>): Exclusion[] {
  return [
    ...(admission.userId === null ? [] : [{ kind: 'user' as const, value: admission.userId }]),
    ...(admission.invitedAs === null ? [] : [{ kind: 'invitation' as const, value: admission.invitedAs }]),
    ...(admission.phone ? [{ kind: 'phone' as const, value: admission.phone }] : []),
    ...(admission.device === null ? [] : [{ kind: 'device' as const, value: admission.device }]),
  ]
}

/** SHA-256, base64url. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** What a decision is made on. */
export function groundOf(meeting: Meeting, lock: boolean | null): Ground {
  return { meetingId: meeting.id, revision: meeting.revision, lock }
}
