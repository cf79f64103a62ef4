import { createHash, randomBytes } from 'node:crypto'
import { addMillis, type Instant } from '../../common/instant.ts'
import { type Meeting, stateOf } from '../../meetings/meeting.ts'
import type { Admission, Reason, Way } from './admission.ts'
import { DoorError, type DoorErrorCode } from './door-error.ts'
import { affiliationOf, type Proof } from './policy.ts'
import type { Precondition } from './precondition.ts'
import type { Decision } from './rules.ts'

/** Somebody who asks, however they came. HTTP and telephones say the same. */
export interface Ask {
  meeting: Meeting
  way: Way
  /** Already clean (names.ts). */
  name: string
  lang: string
  proof: Proof
  /** The caller's number, empty when withheld; only with `proof.phone`. */
  number?: string
  /** A hash that names the browser. */
  device?: string
  /** A keyed hash of the address they ask from. */
  sender?: string
}

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

/** A new admission, before the first decision. */
export function draftOf(id: string, ask: Ask, now: Instant): Admission {
  const { meeting, proof } = ask
  const { affiliation, role } = affiliationOf(meeting, proof)
  return {
    id,
    meetingId: meeting.id,
    identity: `p-${randomBytes(9).toString('base64url')}`,
    state: 'waiting',
    reason: null,
    name: ask.name,
    lang: ask.lang,
    way: ask.way,
    person: personOf(id, proof, ask.number),
    userId: proof.user?.id ?? null,
    tenantId: proof.user?.tenantId ?? proof.application?.tenantId ?? null,
    upn: proof.user?.upn ?? null,
    invitedAs: proof.invitedAs,
    phone: proof.phone === null ? null : (ask.number ?? ''),
    device: ask.device ?? null,
    affiliation,
    role,
    roleGiven: false,
    askedAt: now,
    admittedAt: null,
    endedAt: null,
    decidedBy: null,
    grants: proof.grants ?? null,
    sender: ask.sender ?? null,
  }
}

/** An admission after the first decision. */
export function settled(draft: Admission, { state, reason }: Decision): Admission {
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
function personOf(id: string, { user, invitedAs }: Proof, number: string | undefined): string {
  if (user !== null) return `user:${user.id}`
  if (invitedAs !== null) return `invitation:${invitedAs}`
  return number ? `phone:${number}` : `admission:${id}`
}

/** SHA-256, base64url. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

const holdMillis = 24 * 3_600_000

/** Whether guests still wait because one of them was removed: for a day, so that an open meeting is open again some time. */
export function isHeld(heldAt: Instant | null, now: Instant): boolean {
  return heldAt !== null && heldAt > addMillis(now, -holdMillis)
}

/** What a decision is made on. */
export function preconditionOf(meeting: Meeting, room: Pick<Precondition, 'lock' | 'heldAt'>): Precondition {
  return { meetingId: meeting.id, revision: meeting.revision, ...room }
}
