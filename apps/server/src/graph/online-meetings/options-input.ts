import { withLobbyScope } from '../../meetings/lobby-scope.ts'
import type { Meeting, MeetingOptions } from '../../meetings/meeting.ts'
import type { MeetingPatch } from '../../meetings/meeting-manager.ts'
import { invalidMember } from '../errors.ts'
import type { OnlineMeetingBody } from './schema.ts'

/** Members that are kept in the options under their own name. Null in a body leaves the non-nullable ones as they are. */
const plain = [
  'allowAttendeeToEnableCamera',
  'allowAttendeeToEnableMic',
  'allowBreakoutRooms',
  'allowCopyingAndSharingMeetingContent',
  'allowedLobbyAdmitters',
  'allowedPresenters',
  'allowLiveShare',
  'allowMeetingChat',
  'allowParticipantsToChangeName',
  'allowPowerPointSharing',
  'allowRecording',
  'allowTeamworkReactions',
  'allowTranscription',
  'allowWhiteboard',
  'isEndToEndEncryptionEnabled',
  'recordAutomatically',
  'shareMeetingChatHistoryDefault',
] as const
const nullable = ['meetingSpokenLanguageTag', 'meetingTemplateId'] as const
/** Complex values are merged, so that a client may send one member of them (contract B.6). */
const complex = ['chatRestrictions', 'sensitivityLabelAssignment', 'watermarkProtection'] as const

/** What a body changes of access level, announcement and options. Throws GraphError 400. */
export function readOptions(
  body: OnlineMeetingBody,
  before: Pick<Meeting, 'accessLevel' | 'options'>,
): Pick<MeetingPatch, 'accessLevel' | 'entryExitAnnouncement' | 'options'> {
  const scope = body.lobbyBypassSettings?.scope
  const lobby = scope == null ? before : withLobbyScope(before, scope as Parameters<typeof withLobbyScope>[1])
  const options: MeetingOptions = { ...lobby.options }
  for (const name of plain) if (body[name] != null) options[name] = body[name]
  for (const name of nullable) if (body[name] !== undefined) options[name] = checkTag(name, body[name])
  for (const name of complex) {
    const value = body[name]
    if (value === null) options[name] = null
    else if (value !== undefined) options[name] = { ...(options[name] as object | null | undefined), ...value }
  }
  const bypass = body.lobbyBypassSettings?.isDialInBypassEnabled
  if (bypass != null) options.isDialInBypassEnabled = bypass
  if (body.anonymizeIdentityForRoles != null)
    options.anonymizeIdentityForRoles = readAnonymized(body.anonymizeIdentityForRoles as string[], before)
  return {
    accessLevel: lobby.accessLevel,
    options,
    ...(body.isEntryExitAnnounced == null ? {} : { entryExitAnnouncement: body.isEntryExitAnnounced }),
  }
}

/** `attendee` cannot be taken out again once it is in (contract B.6). */
function readAnonymized(roles: readonly string[], before: Pick<Meeting, 'options'>): string[] {
  const stored = (before.options.anonymizeIdentityForRoles ?? []) as string[]
  if (stored.includes('attendee') && !roles.includes('attendee'))
    throw invalidMember('anonymizeIdentityForRoles', "'attendee' cannot be taken out again")
  return [...new Set(roles)]
}

function checkTag(name: (typeof nullable)[number], value: string | null | undefined): string | null {
  if (value == null) return null
  if (name === 'meetingSpokenLanguageTag' && !/^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i.test(value))
    throw invalidMember(name, 'expected a BCP 47 language tag like es-ES')
  return value
}
