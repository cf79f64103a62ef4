import type { LobbyScope } from '../../meetings/lobby-scope.ts'
import type { AdmissionState, Affiliation, Reason } from './admission.ts'

/** Everything about a meeting and its room that decides whether somebody comes in. */
export interface AdmissionContext {
  scope: LobbyScope
  /** Somebody locked the room. */
  isLocked: boolean
  /** A person nobody could name was removed for good: who proves nothing may be the same one again. */
  guestsHeld: boolean
  /** `lobbyBypassSettings.isDialInBypassEnabled`. */
  dialInBypass: boolean
  /** Whether people may be in before, or without, an organizer; else why not. */
  opening: 'open' | 'notStarted' | 'organizerMissing'
  isFull: boolean
}

export interface Decision {
  state: 'admitted' | 'waiting' | 'denied'
  reason: Reason | null
}

type Test = (affiliation: Affiliation) => boolean

/** Who passes by the lobby, for each scope (contract B.8, lobbyBypassSettings; A.12 for the access levels). */
const bypass: Record<LobbyScope, Test> = {
  everyone: () => true,
  organization: ({ isMember }) => isMember,
  organizationExcludingGuests: ({ isMember }) => isMember,
  organizationAndFederated: ({ isMember, isFederated }) => isMember || isFederated,
  invited: ({ isInvited }) => isInvited,
  organizer: () => false,
}

/** What those who do not pass are told. */
const lobbyReason: Record<LobbyScope, Reason> = {
  everyone: 'lobby',
  organization: 'organizationOnly',
  organizationExcludingGuests: 'organizationOnly',
  organizationAndFederated: 'organizationOnly',
  invited: 'invitedOnly',
  organizer: 'locked',
}

/** The rules, from the strongest to the weakest; the first that speaks decides. */
const rules: ((who: Affiliation & { isKeptOut: boolean }, context: AdmissionContext) => Decision | undefined)[] = [
  ({ isKeptOut }) => (isKeptOut ? { state: 'denied', reason: 'removed' } : undefined),
  ({ isOrganizer, isCoorganizer }) => (isOrganizer || isCoorganizer ? { state: 'admitted', reason: null } : undefined),
  (_, { isLocked }) => (isLocked ? { state: 'waiting', reason: 'locked' } : undefined),
  (who, context) => (passes(who, context) ? undefined : { state: 'waiting', reason: lobbyReason[context.scope] }),
  (who, { guestsHeld }) => (guestsHeld && !isKnown(who) ? { state: 'waiting', reason: 'guestRemoved' } : undefined),
  (_, { opening }) => (opening === 'open' ? undefined : { state: 'waiting', reason: opening }),
  (_, { isFull }) => (isFull ? { state: 'waiting', reason: 'full' } : undefined),
]

/** Who may enter, and else why not. Pure: the same question has the same answer for every way in. */
export function decide(who: Affiliation & { isKeptOut: boolean }, context: AdmissionContext): Decision {
  for (const rule of rules) {
    const decision = rule(who, context)
    if (decision !== undefined) return decision
  }
  return { state: 'admitted', reason: null }
}

function passes(who: Affiliation, { scope, dialInBypass }: AdmissionContext): boolean {
  if (who.isPhone && dialInBypass && scope !== 'organizer') return true
  return bypass[scope](who)
}

/** Whether somebody proved to be anybody: who did not can always come again as somebody else. */
export function isKnown(who: Affiliation): boolean {
  return who.isOrganizer || who.isCoorganizer || who.isInvited || who.isMember || who.isFederated
}

/** From which states each state is reached. `asked` stands for the moment of asking. */
export const transitions: Record<AdmissionState, readonly ('asked' | AdmissionState)[]> = {
  waiting: ['asked'],
  admitted: ['asked', 'waiting'],
  denied: ['asked', 'waiting'],
  left: ['waiting', 'admitted'],
  expired: ['waiting', 'admitted'],
  removed: ['admitted'],
}
