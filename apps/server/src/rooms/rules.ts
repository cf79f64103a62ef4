import type { LobbyScope } from '../meetings/lobby-scope.ts'
import type { AdmissionState, Reason, Standing } from './admission.ts'

/** Everything about a meeting and its room that decides whether somebody comes in. */
export interface Scene {
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

export interface Verdict {
  state: 'admitted' | 'waiting' | 'denied'
  reason: Reason | null
}

type Test = (standing: Standing) => boolean

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
const rules: ((who: Standing & { isKeptOut: boolean }, scene: Scene) => Verdict | undefined)[] = [
  ({ isKeptOut }) => (isKeptOut ? { state: 'denied', reason: 'removed' } : undefined),
  ({ isOrganizer, isCoorganizer }) => (isOrganizer || isCoorganizer ? { state: 'admitted', reason: null } : undefined),
  (_, { isLocked }) => (isLocked ? { state: 'waiting', reason: 'locked' } : undefined),
  (who, scene) => (passes(who, scene) ? undefined : { state: 'waiting', reason: lobbyReason[scene.scope] }),
  (who, { guestsHeld }) => (guestsHeld && !isKnown(who) ? { state: 'waiting', reason: 'guestRemoved' } : undefined),
  (_, { opening }) => (opening === 'open' ? undefined : { state: 'waiting', reason: opening }),
  (_, { isFull }) => (isFull ? { state: 'waiting', reason: 'full' } : undefined),
]

/** Who may enter, and else why not. Pure: the same question has the same answer for every way in. */
export function decide(who: Standing & { isKeptOut: boolean }, scene: Scene): Verdict {
  for (const rule of rules) {
    const verdict = rule(who, scene)
    if (verdict !== undefined) return verdict
  }
  return { state: 'admitted', reason: null }
}

function passes(who: Standing, { scope, dialInBypass }: Scene): boolean {
  if (who.isPhone && dialInBypass && scope !== 'organizer') return true
  return bypass[scope](who)
}

/** Whether somebody proved to be anybody: who did not can always come again as somebody else. */
export function isKnown(who: Standing): boolean {
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
