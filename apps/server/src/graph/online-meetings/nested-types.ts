import { bool, collection, complex, enumeration, text } from '../schema/types.ts'

/** identity (open type). */
const identity = complex('identity', {
  id: text(),
  displayName: text(),
  tenantId: text(),
  identityProvider: text(),
  thumbnails: text(),
})

/** identitySet with the members of communicationsIdentitySet: what participants carry today (contract B.9). */
export const identitySet = complex('identitySet', {
  application: identity,
  applicationInstance: identity,
  assertedIdentity: identity,
  azureApplicationInstance: identity,
  azureCommunicationServicesUser: identity,
  device: identity,
  encrypted: identity,
  guest: identity,
  onPremises: identity,
  phone: identity,
  user: identity,
})

export const onlineMeetingRole = enumeration('onlineMeetingRole', [
  'attendee',
  'presenter',
  'unknownFutureValue',
  'producer',
  'coorganizer',
])

export const audioConferencing = complex(
  'audioConferencing',
  {
    conferenceId: text(),
    dialinUrl: text(),
    tollFreeNumber: text(),
    tollFreeNumbers: collection(text()),
    tollNumber: text(),
    tollNumbers: collection(text()),
  },
  { readOnly: true },
)

/** Read, except that a channel's thread in a create body is refused. */
export const chatInfo = complex('chatInfo', { threadId: text(), messageId: text(), replyChainMessageId: text() })

const meetingParticipantInfo = complex('meetingParticipantInfo', {
  identity: identitySet,
  role: onlineMeetingRole,
  upn: text(),
})

export const meetingParticipants = complex('meetingParticipants', {
  attendees: collection(meetingParticipantInfo),
  organizer: meetingParticipantInfo,
})

export const lobbyBypassSettings = complex('lobbyBypassSettings', {
  isDialInBypassEnabled: bool(),
  scope: enumeration('lobbyBypassScope', [
    'organizer',
    'organization',
    'organizationAndFederated',
    'everyone',
    'unknownFutureValue',
    'invited',
    'organizationExcludingGuests',
  ]),
})

export const joinMeetingIdSettings = complex('joinMeetingIdSettings', {
  isPasscodeRequired: bool(),
  joinMeetingId: text(),
  passcode: text(),
})

export const itemBody = complex(
  'itemBody',
  { contentType: enumeration('bodyType', ['text', 'html']), content: text({ maxLength: 65_536 }) },
  { readOnly: true },
)

export const watermarkProtection = complex('watermarkProtectionValues', {
  isEnabledForContentSharing: bool(),
  isEnabledForVideo: bool(),
})

export const chatRestrictions = complex('chatRestrictions', { allowTextOnly: bool() })

export const cloudVideoInteropInfo = complex(
  'cloudVideoInteropInfo',
  { moreInfoWebUrl: text(), tenantKey: text(), videoTeleconferenceId: text() },
  { readOnly: true },
)

export const sensitivityLabelAssignment = complex('onlineMeetingSensitivityLabelAssignment', { sensitivityLabelId: text() })

export const broadcastSettings = complex(
  'broadcastMeetingSettings',
  {
    allowedAudience: enumeration('broadcastMeetingAudience', [
      'roleIsAttendee',
      'organization',
      'everyone',
      'unknownFutureValue',
    ]),
    isAttendeeReportEnabled: bool(),
    isQuestionAndAnswerEnabled: bool(),
    isRecordingEnabled: bool(),
    isVideoOnDemandEnabled: bool(),
  },
  { readOnly: true },
)
