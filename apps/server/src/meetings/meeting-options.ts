import type { Meeting } from './meeting.ts'

export const presenterChoices = ['everyone', 'organization', 'roleIsPresenter', 'organizer'] as const
export const lobbyAdmitterChoices = ['organizerAndCoOrganizersAndPresenters', 'organizerAndCoOrganizers'] as const
export const chatModes = ['enabled', 'disabled', 'limited'] as const
const participantRoles = ['attendee', 'presenter', 'producer', 'coorganizer'] as const
type ParticipantRole = (typeof participantRoles)[number]

/** Today's properties that have no column of their own, as they hold for a meeting (contract B.8). */
export interface EffectiveOptions {
  allowAttendeeToEnableCamera: boolean
  allowAttendeeToEnableMic: boolean
  allowBreakoutRooms: boolean
  allowCopyingAndSharingMeetingContent: boolean
  allowedLobbyAdmitters: (typeof lobbyAdmitterChoices)[number]
  allowedPresenters: (typeof presenterChoices)[number]
  allowLiveShare: 'enabled' | 'disabled'
  allowMeetingChat: (typeof chatModes)[number]
  allowParticipantsToChangeName: boolean
  allowPowerPointSharing: boolean
  allowRecording: boolean
  allowTeamworkReactions: boolean
  allowTranscription: boolean
  allowWhiteboard: boolean
  anonymizeIdentityForRoles: ParticipantRole[]
  chatRestrictions: { allowTextOnly?: boolean | null } | null
  /** `lobbyBypassSettings.isDialInBypassEnabled`: callers by telephone come in without waiting. */
  isDialInBypassEnabled: boolean
  isEndToEndEncryptionEnabled: boolean
  meetingSpokenLanguageTag: string | null
  meetingTemplateId: string | null
  recordAutomatically: boolean
  sensitivityLabelAssignment: { sensitivityLabelId?: string | null } | null
  shareMeetingChatHistoryDefault: 'none' | 'all'
  watermarkProtection: { isEnabledForContentSharing?: boolean | null; isEnabledForVideo?: boolean | null } | null
}

const defaultOptions: Readonly<EffectiveOptions> = {
  allowAttendeeToEnableCamera: true,
  allowAttendeeToEnableMic: true,
  allowBreakoutRooms: true,
  allowCopyingAndSharingMeetingContent: true,
  allowedLobbyAdmitters: 'organizerAndCoOrganizersAndPresenters',
  allowedPresenters: 'everyone',
  allowLiveShare: 'enabled',
  allowMeetingChat: 'enabled',
  allowParticipantsToChangeName: false,
  allowPowerPointSharing: true,
  allowRecording: true,
  allowTeamworkReactions: true,
  allowTranscription: true,
  allowWhiteboard: true,
  anonymizeIdentityForRoles: [],
  chatRestrictions: null,
  isDialInBypassEnabled: false,
  isEndToEndEncryptionEnabled: false,
  meetingSpokenLanguageTag: null,
  meetingTemplateId: null,
  recordAutomatically: false,
  sensitivityLabelAssignment: null,
  shareMeetingChatHistoryDefault: 'all',
  watermarkProtection: null,
}

/** The options of a meeting with the defaults filled in, whichever shape it was made in. */
export function optionsOf(meeting: Pick<Meeting, 'options'>): EffectiveOptions {
  return { ...defaultOptions, ...(meeting.options as Partial<EffectiveOptions>) }
}
