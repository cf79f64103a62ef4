import { formatInstant, type Instant } from '../../common/instant.ts'
import { joinUrl, threadId } from '../../meetings/links.ts'
import { lobbyScopeOf } from '../../meetings/lobby-scope.ts'
import type { Attendee, Identity, Meeting, MeetingType } from '../../meetings/meeting.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import type { GraphContext } from '../operation.ts'
import { audioConferencing } from './audio-conferencing.ts'
import { joinInformation } from './join-information.ts'
import { encodeMeetingId } from './meeting-id.ts'

const date = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

const types: Record<MeetingType, string> = {
  meetNow: 'meetnow',
  scheduled: 'scheduled',
  recurring: 'recurring',
  broadcast: 'broadcast',
}

/** `participants.attendees` of an answer stops here, as at Graph (contract B.4). The 2018 shape has them all. */
const shownAttendees = 750

/** A meeting in today's shape: every member, nulls written (contract B.8, B.11). `language` is that of `joinInformation`. */
export async function toShape(meeting: Meeting, context: GraphContext, language: 'en' | 'es'): Promise<Record<string, unknown>> {
  const view = await context.organizers.of(meeting)
  const { isDialInBypassEnabled, ...options } = optionsOf(meeting)
  const link = joinUrl(context.config.publicUrl, meeting, 'thread.v2')
  const audio = audioConferencing(meeting, view.tenant.dialinId, context)
  return {
    id: encodeMeetingId(meeting),
    creationDateTime: formatInstant(meeting.createdAt),
    startDateTime: date(meeting.startAt),
    endDateTime: date(meeting.endAt),
    subject: meeting.subject,
    joinWebUrl: link,
    joinUrl: link,
    meetingCode: meeting.joinCode,
    joinInformation: joinInformation({ meeting, link, audio, language }),
    joinMeetingIdSettings: {
      isPasscodeRequired: meeting.joinPasscode !== null,
      joinMeetingId: meeting.joinCode,
      passcode: meeting.joinPasscode,
    },
    participants: {
      organizer: {
        identity: identitySet(meeting.organizerId, meeting.tenantId, view.organizer.displayName),
        role: 'presenter',
        upn: view.organizer.upn,
      },
      attendees: meeting.attendees.slice(0, shownAttendees).map(attendeeShape),
    },
    lobbyBypassSettings: { scope: lobbyScopeOf(meeting), isDialInBypassEnabled },
    allowedPresenters: options.allowedPresenters,
    allowedLobbyAdmitters: options.allowedLobbyAdmitters,
    allowMeetingChat: options.allowMeetingChat,
    allowTeamworkReactions: options.allowTeamworkReactions,
    allowAttendeeToEnableMic: options.allowAttendeeToEnableMic,
    allowAttendeeToEnableCamera: options.allowAttendeeToEnableCamera,
    allowRecording: options.allowRecording,
    allowTranscription: options.allowTranscription,
    allowBreakoutRooms: options.allowBreakoutRooms,
    allowPowerPointSharing: options.allowPowerPointSharing,
    allowWhiteboard: options.allowWhiteboard,
    allowCopyingAndSharingMeetingContent: options.allowCopyingAndSharingMeetingContent,
    allowLiveShare: options.allowLiveShare,
    allowParticipantsToChangeName: options.allowParticipantsToChangeName,
    recordAutomatically: options.recordAutomatically,
    isEntryExitAnnounced: meeting.entryExitAnnouncement,
    isEndToEndEncryptionEnabled: options.isEndToEndEncryptionEnabled,
    shareMeetingChatHistoryDefault: options.shareMeetingChatHistoryDefault,
    watermarkProtection: options.watermarkProtection,
    chatRestrictions: options.chatRestrictions,
    chatInfo: { threadId: threadId(meeting.threadGuid, 'thread.v2'), messageId: '0', replyChainMessageId: null },
    audioConferencing: audio,
    videoTeleconferenceId: meeting.vtcId,
    cloudVideoInteropInfo: null,
    meetingOptionsWebUrl: `${context.config.publicUrl}/meetings/${meeting.vtcId}/options`,
    meetingSpokenLanguageTag: options.meetingSpokenLanguageTag,
    meetingTemplateId: options.meetingTemplateId,
    meetingType: types[meeting.meetingType],
    sensitivityLabelAssignment: options.sensitivityLabelAssignment,
    expiryDateTime: formatInstant(meeting.expiresAt),
    externalId: meeting.externalId,
    isBroadcast: meeting.meetingType === 'broadcast',
    broadcastSettings: null,
    anonymizeIdentityForRoles: options.anonymizeIdentityForRoles,
  }
}

function identitySet(id: string, tenantId: string, displayName: string): Record<string, unknown> {
  return { application: null, device: null, user: { id, displayName, tenantId, identityProvider: 'AAD' } satisfies UserIdentity }
}

type UserIdentity = Identity & { identityProvider: string }

function attendeeShape({ identity, upn, role }: Attendee): Record<string, unknown> {
  return { identity, role: role ?? 'attendee', upn }
}
