import type { AccessLevel, Meeting, MeetingOptions } from './meeting.ts'

/** Who comes in without waiting, in today's words (`lobbyBypassSettings.scope`). */
export const lobbyScopes = [
  'organizer',
  'organization',
  'organizationAndFederated',
  'everyone',
  'invited',
  'organizationExcludingGuests',
] as const
export type LobbyScope = (typeof lobbyScopes)[number]

/**
 * One truth: the column `accessLevel`. Today's scope is read from it; the one scope that the 2018 page has no word for
 * is a refinement of `sameEnterprise`, kept in the options as `excludeGuests` (contract A.12).
 */
const scopes: Record<AccessLevel, LobbyScope> = {
  everyone: 'everyone',
  sameEnterprise: 'organization',
  sameEnterpriseAndFederated: 'organizationAndFederated',
  invited: 'invited',
  locked: 'organizer',
  // Nobody knows who may enter, so nobody but the organizer does.
  unknown: 'organizer',
}

const levels: Record<LobbyScope, AccessLevel> = {
  everyone: 'everyone',
  organization: 'sameEnterprise',
  organizationAndFederated: 'sameEnterpriseAndFederated',
  invited: 'invited',
  organizer: 'locked',
  organizationExcludingGuests: 'sameEnterprise',
}

/** The scope of a meeting, however it was made. */
export function lobbyScopeOf(meeting: Pick<Meeting, 'accessLevel' | 'options'>): LobbyScope {
  const refined = meeting.accessLevel === 'sameEnterprise' && meeting.options.excludeGuests === true
  return refined ? 'organizationExcludingGuests' : scopes[meeting.accessLevel]
}

/** What to store for a scope. Sending back the scope that is shown changes nothing. */
export function withLobbyScope(
  meeting: Pick<Meeting, 'accessLevel' | 'options'>,
  scope: LobbyScope,
): { accessLevel: AccessLevel; options: MeetingOptions } {
  if (scope === lobbyScopeOf(meeting)) return { accessLevel: meeting.accessLevel, options: meeting.options }
  const { excludeGuests: _, ...options } = meeting.options
  if (scope === 'organizationExcludingGuests') options.excludeGuests = true
  return { accessLevel: levels[scope], options }
}
