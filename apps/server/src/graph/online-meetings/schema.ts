import { bool, collection, dateTime, entity, enumeration, type Static, text } from '../schema/types.ts'
import {
  audioConferencing,
  broadcastSettings,
  chatInfo,
  chatRestrictions,
  cloudVideoInteropInfo,
  itemBody,
  joinMeetingIdSettings,
  lobbyBypassSettings,
  meetingParticipants,
  onlineMeetingRole,
  sensitivityLabelAssignment,
  watermarkProtection,
} from './nested-types.ts'

const readOnly = { readOnly: true }

/** onlineMeeting as today's v1.0 and beta have it (contract B.8, with the undeclared members of B.11 that clients need). */
export const onlineMeeting = entity('onlineMeeting', {
  id: text(readOnly),
  creationDateTime: dateTime(readOnly),
  startDateTime: dateTime(),
  endDateTime: dateTime(),
  subject: text(),
  joinWebUrl: text(readOnly),
  joinUrl: text(readOnly),
  meetingCode: text(readOnly),
  joinInformation: itemBody,
  joinMeetingIdSettings,
  participants: meetingParticipants,
  lobbyBypassSettings,
  allowedPresenters: enumeration('onlineMeetingPresenters', [
    'everyone',
    'organization',
    'roleIsPresenter',
    'organizer',
    'unknownFutureValue',
  ]),
  allowedLobbyAdmitters: enumeration('allowedLobbyAdmitterRoles', [
    'organizerAndCoOrganizersAndPresenters',
    'organizerAndCoOrganizers',
    'unknownFutureValue',
  ]),
  allowMeetingChat: enumeration('meetingChatMode', ['enabled', 'disabled', 'limited', 'unknownFutureValue']),
  allowTeamworkReactions: bool(),
  allowAttendeeToEnableMic: bool(),
  allowAttendeeToEnableCamera: bool(),
  allowRecording: bool(),
  allowTranscription: bool(),
  allowBreakoutRooms: bool(),
  allowPowerPointSharing: bool(),
  allowWhiteboard: bool(),
  allowCopyingAndSharingMeetingContent: bool(),
  allowLiveShare: enumeration('meetingLiveShareOptions', ['enabled', 'disabled', 'unknownFutureValue']),
  allowParticipantsToChangeName: bool(),
  recordAutomatically: bool(),
  isEntryExitAnnounced: bool(),
  isEndToEndEncryptionEnabled: bool(),
  shareMeetingChatHistoryDefault: enumeration('meetingChatHistoryDefaultMode', ['none', 'all', 'unknownFutureValue']),
  watermarkProtection,
  chatRestrictions,
  chatInfo,
  audioConferencing,
  videoTeleconferenceId: text(readOnly),
  cloudVideoInteropInfo,
  meetingOptionsWebUrl: text(readOnly),
  meetingSpokenLanguageTag: text({ maxLength: 35 }),
  meetingTemplateId: text(),
  meetingType: enumeration(
    'onlineMeetingType',
    ['adhoc', 'scheduled', 'recurring', 'broadcast', 'meetnow', 'unknownFutureValue'],
    readOnly,
  ),
  sensitivityLabelAssignment,
  expiryDateTime: dateTime(readOnly),
  externalId: text({ maxLength: 256 }),
  isBroadcast: bool(readOnly),
  broadcastSettings,
  anonymizeIdentityForRoles: collection(onlineMeetingRole),
})

export type OnlineMeetingBody = Static<typeof onlineMeeting>

/** Its properties in the order they are written. */
export const meetingProperties = Object.keys(onlineMeeting.properties)

/** The parameters of createOrGet (contract B.3). */
export const createOrGetParameters = entity(
  'createOrGetParameters',
  {
    externalId: text({ maxLength: 256 }),
    startDateTime: dateTime(),
    endDateTime: dateTime(),
    subject: text(),
    participants: meetingParticipants,
    chatInfo,
  },
  'parameters',
)

/** What PATCH may change (contract B.6). */
export const updatableProperties: ReadonlySet<string> = new Set([
  'allowAttendeeToEnableCamera',
  'allowAttendeeToEnableMic',
  'allowBreakoutRooms',
  'allowCopyingAndSharingMeetingContent',
  'allowedLobbyAdmitters',
  'allowedPresenters',
  'allowLiveShare',
  'allowMeetingChat',
  'allowPowerPointSharing',
  'allowRecording',
  'allowTeamworkReactions',
  'allowTranscription',
  'allowWhiteboard',
  'anonymizeIdentityForRoles',
  'endDateTime',
  'isEntryExitAnnounced',
  'lobbyBypassSettings',
  'participants',
  'recordAutomatically',
  'startDateTime',
  'subject',
  'watermarkProtection',
])
