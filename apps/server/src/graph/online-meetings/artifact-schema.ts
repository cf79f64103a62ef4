import { collection, complex, dateTime, entity, integer, text } from '../schema/types.ts'
import { identitySet } from './nested-types.ts'

const attendanceInterval = complex('attendanceInterval', {
  durationInSeconds: integer(),
  joinDateTime: dateTime(),
  leaveDateTime: dateTime(),
})

const attendeeIdentity = complex('attendeeIdentity', { id: text(), displayName: text(), tenantId: text() })

/** attendanceRecord (contract B.13). `role` is a plain string with capitals. */
export const attendanceRecord = entity('attendanceRecord', {
  id: text(),
  attendanceIntervals: collection(attendanceInterval),
  emailAddress: text(),
  identity: attendeeIdentity,
  registrationId: text(),
  role: text(),
  totalAttendanceInSeconds: integer(),
})

/** meetingAttendanceReport (contract B.13). */
export const attendanceReport = entity('meetingAttendanceReport', {
  id: text(),
  meetingEndDateTime: dateTime(),
  meetingStartDateTime: dateTime(),
  totalParticipantCount: integer(),
})

const artifact = {
  id: text(),
  callId: text(),
  contentCorrelationId: text(),
  createdDateTime: dateTime(),
  endDateTime: dateTime(),
  meetingId: text(),
  meetingOrganizer: identitySet,
}

/** callTranscript and callRecording (contract B.14). */
export const callTranscript = entity('callTranscript', { ...artifact, transcriptContentUrl: text() })
export const callRecording = entity('callRecording', { ...artifact, recordingContentUrl: text() })
