import { accessLevels, meetingTypes } from '../../meetings/meeting.ts'
import { identitySet } from '../schema/identity.ts'
import { bool, collection, complex, dateTime, entity, enumeration, type Static, text } from '../schema/types.ts'

const audioConferencing = complex(
  'audioConferencing',
  { tollNumber: text(), tollFreeNumber: text(), participantPasscode: text(), leaderPasscode: text(), dialinUrl: text() },
  { readOnly: true },
)

const chatInfo = complex('chatInfo', { threadId: text(), messageId: text(), replyChainMessageId: text() }, { readOnly: true })

const meetingParticipantInfo = complex('meetingParticipantInfo', { identity: identitySet, upn: text() })

const meetingParticipants = complex('meetingParticipants', {
  organizer: meetingParticipantInfo,
  attendees: collection(meetingParticipantInfo),
})

/** onlineMeeting as the page of December 2018 has it: fifteen members (contract A.4 to A.6). */
export const onlineMeeting2018 = entity('onlineMeeting', {
  accessLevel: enumeration('accessLevel', accessLevels),
  audioConferencing,
  canceledDateTime: dateTime({ readOnly: true }),
  chatInfo,
  creationDateTime: dateTime({ readOnly: true }),
  endDateTime: dateTime(),
  entryExitAnnouncement: bool(),
  expirationDateTime: dateTime(),
  id: text({ readOnly: true }),
  isCancelled: bool(),
  joinUrl: text({ readOnly: true }),
  meetingType: enumeration('meetingType', meetingTypes),
  participants: meetingParticipants,
  startDateTime: dateTime(),
  subject: text(),
})

export type OnlineMeeting2018Body = Static<typeof onlineMeeting2018>

/** Its properties in the order they are written. */
export const properties2018 = Object.keys(onlineMeeting2018.properties)
