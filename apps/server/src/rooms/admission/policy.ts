import type { Policy, Powers } from '@parley/door-api'
import type { Identity, Meeting } from '../../meetings/meeting.ts'
import { type EffectiveOptions, optionsOf } from '../../meetings/meeting-options.ts'
import type { Admission, Affiliation, Role } from './admission.ts'
import { type TokenGrants, takesPart } from './token-grants.ts'

export { type Policy, type Powers, policyMembers } from '@parley/door-api'

/** What one person may send in the media room. */
export interface MediaRights {
  microphone: boolean
  camera: boolean
  share: boolean
  data: boolean
}

/** What decides over what one person may do: the role, and what they came with. */
type Holder = Pick<Admission, 'role' | 'grants'>

type Options = Pick<Meeting, 'options' | 'meetingType'>

/** The policy of a meeting: today's properties where they exist, our own `allowAttendeeToShare` where Graph has none. */
export function policyOf(meeting: Options): Policy {
  const options = optionsOf(meeting)
  const isBroadcast = meeting.meetingType === 'broadcast'
  const share = meeting.options.allowAttendeeToShare
  return {
    allowMicrophone: options.allowAttendeeToEnableMic && !isBroadcast,
    allowCamera: options.allowAttendeeToEnableCamera && !isBroadcast,
    allowShare: (typeof share === 'boolean' ? share : options.allowedPresenters === 'everyone') && !isBroadcast,
    allowChat: options.allowMeetingChat !== 'disabled',
    allowReactions: options.allowTeamworkReactions,
  }
}

/** The meeting's options that a change of policy becomes, so that Graph shows it too. */
export function policyOptions(change: Partial<Policy>): Record<string, unknown> {
  const { allowMicrophone, allowCamera, allowShare, allowChat, allowReactions } = change
  return {
    ...(allowMicrophone === undefined ? {} : { allowAttendeeToEnableMic: allowMicrophone }),
    ...(allowCamera === undefined ? {} : { allowAttendeeToEnableCamera: allowCamera }),
    ...(allowShare === undefined ? {} : { allowAttendeeToShare: allowShare }),
    ...(allowChat === undefined ? {} : { allowMeetingChat: allowChat ? 'enabled' : 'disabled' }),
    ...(allowReactions === undefined ? {} : { allowTeamworkReactions: allowReactions }),
  }
}

/** Whether presenters admit, or organizers alone. A locked meeting is opened by presenters only if its options say so. */
function presentersAdmit(meeting: Pick<Meeting, 'options' | 'accessLevel'>, isLocked: boolean): boolean {
  if (isLocked) return false
  const explicit = meeting.options.allowedLobbyAdmitters !== undefined
  if (meeting.accessLevel === 'locked' && !explicit) return false
  return optionsOf(meeting).allowedLobbyAdmitters === 'organizerAndCoOrganizersAndPresenters'
}

export function isModerator(role: Role): boolean {
  return role !== 'attendee'
}

export function isOrganizing(role: Role): boolean {
  return role === 'organizer' || role === 'coorganizer'
}

export function powersOf(meeting: Options & Pick<Meeting, 'accessLevel'>, holder: Holder, isLocked: boolean): Powers {
  const policy = policyOf(meeting)
  const { role, grants } = holder
  const canChat = policy.allowChat && (grants?.writeChat ?? true)
  if (!takesPart(holder)) return { canAdmit: false, canModerate: false, canPresent: false, canChat }
  return {
    canAdmit: isOrganizing(role) || (role === 'presenter' && presentersAdmit(meeting, isLocked)),
    canModerate: isModerator(role),
    canPresent: isModerator(role) || policy.allowShare,
    canChat,
  }
}

/** What somebody may send. */
export function rightsOf(meeting: Options, holder: Holder): MediaRights {
  if (!takesPart(holder)) return { microphone: false, camera: false, share: false, data: false }
  if (isModerator(holder.role)) return { microphone: true, camera: true, share: true, data: true }
  const policy = policyOf(meeting)
  return {
    microphone: policy.allowMicrophone,
    camera: policy.allowCamera,
    share: policy.allowShare,
    data: policy.allowReactions,
  }
}

/** How somebody proved who they are. */
export interface Proof {
  user: { id: string; tenantId: string; upn: string } | null
  /** An application of a tenant, by its own token. */
  application: { tenantId: string } | null
  /** The attendee's address a personal link was made for. */
  invitedAs: string | null
  phone: { isLeader: boolean } | null
  /** What the access token opens, where it was one. */
  grants?: TokenGrants | null
}

/** What somebody is to a meeting, and the role its settings give them. */
export function affiliationOf(meeting: Meeting, proof: Proof): { affiliation: Affiliation; role: Role } {
  const { user, application, phone } = proof
  const listed = listedRole(meeting, proof)
  const tenantId = user?.tenantId ?? application?.tenantId
  const affiliation: Affiliation = {
    isOrganizer: user?.id === meeting.organizerId || phone?.isLeader === true,
    isCoorganizer: listed === 'coorganizer',
    isInvited: listed !== undefined,
    isMember: tenantId === meeting.tenantId,
    isFederated: tenantId !== undefined && tenantId !== meeting.tenantId,
    isPhone: phone !== null,
  }
  const role = takesPart({ grants: proof.grants ?? null }) ? roleOf(meeting, affiliation, listed) : 'attendee'
  return { affiliation, role }
}

function roleOf(meeting: Meeting, affiliation: Affiliation, listed: string | undefined): Role {
  if (affiliation.isOrganizer) return 'organizer'
  if (affiliation.isCoorganizer) return 'coorganizer'
  const choice = presentersOf(meeting)
  if (choice === 'organizer') return 'attendee'
  if (listed === 'presenter' || listed === 'producer') return 'presenter'
  // "Everyone" never makes a moderator of somebody who proved nothing: they may present, by the policy, and no more.
  const isKnown = affiliation.isMember || affiliation.isFederated || affiliation.isInvited
  if (choice === 'everyone') return isKnown ? 'presenter' : 'attendee'
  return choice === 'organization' && affiliation.isMember ? 'presenter' : 'attendee'
}

/** In a broadcast only those named as presenters speak, unless its options say otherwise. */
function presentersOf(meeting: Meeting): EffectiveOptions['allowedPresenters'] {
  if (meeting.meetingType === 'broadcast' && meeting.options.allowedPresenters === undefined) return 'roleIsPresenter'
  return optionsOf(meeting).allowedPresenters
}

/** The role an attendee is listed with; undefined for somebody who is not listed. */
function listedRole(meeting: Meeting, { user, invitedAs }: Proof): string | undefined {
  const attendee = meeting.attendees.find(({ identity, upn }) => {
    const address = upn?.toLowerCase()
    if (user !== null) {
      const named = identity?.user as Identity | null | undefined
      return named?.id?.toLowerCase() === user.id || address === user.upn.toLowerCase()
    }
    return invitedAs !== null && address === invitedAs
  })
  return attendee && (attendee.role ?? 'attendee')
}
