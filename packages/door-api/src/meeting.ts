import type { Reason } from './reason.ts'

/** What people without a part in running the meeting may do. */
export interface Policy {
  allowMicrophone: boolean
  allowCamera: boolean
  allowShare: boolean
  allowChat: boolean
  allowReactions: boolean
}

export const policyMembers = [
  'allowMicrophone',
  'allowCamera',
  'allowShare',
  'allowChat',
  'allowReactions',
] as const satisfies readonly (keyof Policy)[]

/** What one person may do. */
export interface Powers {
  canAdmit: boolean
  canModerate: boolean
  canPresent: boolean
  canChat: boolean
}

export interface DialIn {
  /** E.164. */
  tollNumber: string | null
  tollFreeNumber: string | null
  passcode: string
  url: string
  /** A SIP address to call, where there is one. */
  sip: string | null
}

export type MeetingState = 'upcoming' | 'open' | 'cancelled' | 'expired'

/** A meeting as one person sees it. Times are ISO. */
export interface Meeting {
  subject: string | null
  organizer: { displayName: string }
  state: MeetingState
  /** Why it is closed. */
  reason: Reason | null
  startDateTime: string | null
  endDateTime: string | null
  joinUrl: string
  code: { meetingId: string; passcode: string | null } | null
  dialin: DialIn | null
  threadId: string
  type: string
  entryExitAnnouncement: boolean
  locked: boolean
  /** Guests wait, because one of them was removed for good. */
  guestsWait: boolean
  /** Guests may change their name in the meeting. */
  allowRename: boolean
  policy: Policy
  you: Powers
}
