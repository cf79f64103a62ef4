import type { Admission as AdmissionView, Meeting as MeetingView, Waiting } from '@parley/door-api'
import type { Clock } from '../../common/clock.ts'
import { formatInstant } from '../../common/instant.ts'
import type { Config } from '../../config/config.ts'
import { dialinUrl, joinUrl, threadId } from '../../meetings/links.ts'
import { type Meeting, stateOf } from '../../meetings/meeting.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import type { Organizers } from '../../meetings/organizers.ts'
import type { Admission } from '../admission/admission.ts'
import { isHeld } from '../admission/admission-draft.ts'
import type { AdmissionStore } from '../admission/admission-store.ts'
import { affiliationOf, type Powers, policyOf, powersOf } from '../admission/policy.ts'
import { hiddenNumber } from './hidden-number.ts'

/** What a view is made with, in the server or in a test. */
export interface ViewContext {
  config: Pick<Config, 'publicUrl' | 'dialin' | 'sip' | 'host' | 'demo'>
  clock: Clock
  organizers: Organizers
  admissionStore: AdmissionStore
}

const nothing: Powers = { canAdmit: false, canModerate: false, canPresent: false, canChat: false }

/** A meeting as a page sees it before asking; `user` is whoever is signed in. */
export async function meetingView(
  context: ViewContext,
  meeting: Meeting,
  user: { id: string; tenantId: string; upn: string } | null,
): Promise<MeetingView> {
  const lock = await context.admissionStore.lockOf(meeting.id)
  const view = await baseView(context, meeting, lock)
  if (user === null) return view
  const { role } = affiliationOf(meeting, { user, application: null, invitedAs: null, phone: null })
  return { ...view, you: powersOf(meeting, { role, grants: null }, lock === true) }
}

/** The view with nobody's powers; `withPowers` makes it somebody's. */
export async function baseView(context: ViewContext, meeting: Meeting, lock: boolean | null): Promise<MeetingView> {
  const { organizer, tenant } = await context.organizers.of(meeting)
  const { config } = context
  const state = stateOf(meeting, context.clock.now())
  return {
    subject: meeting.subject,
    organizer: { displayName: organizer.displayName },
    state,
    reason: state === 'cancelled' || state === 'expired' ? state : null,
    startDateTime: meeting.startAt === null ? null : formatInstant(meeting.startAt),
    endDateTime: meeting.endAt === null ? null : formatInstant(meeting.endAt),
    joinUrl: joinUrl(config.publicUrl, meeting, 'thread.v2'),
    code: { meetingId: meeting.joinCode, passcode: meeting.joinPasscode },
    dialin: dialinView(config, meeting, tenant.dialinId),
    threadId: threadId(meeting.threadGuid, 'thread.v2'),
    type: meeting.meetingType,
    entryExitAnnouncement: meeting.entryExitAnnouncement,
    locked: isShownLocked(meeting, lock),
    guestsWait: isHeld(await context.admissionStore.heldAt(meeting.id), context.clock.now()),
    allowRename: optionsOf(meeting).allowParticipantsToChangeName,
    policy: policyOf(meeting),
    you: nothing,
  }
}

/** The lock as people see it: by hand, else by the access level. */
function isShownLocked(meeting: Pick<Meeting, 'accessLevel'>, lock: boolean | null): boolean {
  return lock ?? meeting.accessLevel === 'locked'
}

export function withPowers(view: MeetingView, meeting: Meeting, admission: Admission, lock: boolean | null): MeetingView {
  return admission.state === 'admitted' ? { ...view, you: powersOf(meeting, admission, lock === true) } : view
}

function dialinView(config: ViewContext['config'], meeting: Meeting, dialinId: string): MeetingView['dialin'] {
  const { tollNumber, tollFreeNumber } = config.dialin
  const passcode = meeting.participantPasscode
  if (passcode === null || (tollNumber === null && tollFreeNumber === null)) return null
  return { tollNumber, tollFreeNumber, passcode, url: dialinUrl(config.publicUrl, dialinId, passcode), sip: sipAddress(config) }
}

/** In the demo, what a softphone on this machine can call. */
export function sipAddress(config: ViewContext['config']): string | null {
  return config.demo && config.sip !== null ? `sip:meet@${config.host}:${config.sip.port}` : null
}

/** The `admission` object of docs/door-api.md, without its secret. */
export function admissionView(admission: Admission, place: number | null): AdmissionView {
  return {
    id: admission.id,
    state: admission.state,
    reason: admission.reason,
    place,
    identity: admission.identity,
    name: admission.name,
    role: admission.role,
    signedIn: isSignedIn(admission),
  }
}

/** Somebody who waits, as somebody sees them who may let them in. Guests see no whole telephone number. */
export function waitingView(admission: Admission, viewer: Admission): Waiting {
  return {
    id: admission.id,
    name: admission.name,
    reason: admission.reason,
    since: formatInstant(admission.askedAt),
    signedIn: isSignedIn(admission),
    phone: admission.phone !== null,
    invited: admission.affiliation.isInvited,
    number: admission.phone && (viewer.affiliation.isMember ? admission.phone : hiddenNumber(admission.phone)),
  }
}

function isSignedIn(admission: Pick<Admission, 'userId'>): boolean {
  return admission.userId !== null
}
