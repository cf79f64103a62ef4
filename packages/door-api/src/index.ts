export type {
  Admission,
  AdmissionEvent,
  AdmissionState,
  Answer,
  Ask,
  LobbyOutcome,
  Media,
  MeetingCode,
  MeetingLink,
  Role,
  Waiting,
} from './admission.ts'
export { admissionStates, isRole, roles } from './admission.ts'
export type { ChatChange, ChatFile, ChatMessage, ChatPage, ChatReaction, ChatWriter } from './chat.ts'
export type { ErrorBody } from './error.ts'
export type { Announcement, DoorEvents, Notice } from './events.ts'
export { maxChatText, maxLobbyMessage } from './limits.ts'
export type { DialIn, Meeting, MeetingState, Policy, Powers } from './meeting.ts'
export { policyMembers } from './meeting.ts'
export { cleanName, longestName, shownName } from './names.ts'
export type { PageData } from './page.ts'
export type { Reason } from './reason.ts'
export { reasons } from './reason.ts'
