// The shapes of docs/door-api.md, as the page reads them.

export type Role = 'organizer' | 'coorganizer' | 'presenter' | 'attendee'
export type AdmissionState = 'waiting' | 'admitted' | 'denied' | 'removed' | 'left' | 'expired'
export type Reason =
  | 'lobby'
  | 'notStarted'
  | 'locked'
  | 'guestRemoved'
  | 'invitedOnly'
  | 'organizationOnly'
  | 'organizerMissing'
  | 'denied'
  | 'removed'
  | 'cancelled'
  | 'expired'
  | 'deleted'
  | 'ended'
  | 'full'

export type Link = { threadId: string; messageId: string }
export type Code = { meetingId: string; passcode: string }
export type Media = { url: string; token: string }

export type Admission = {
  id: string
  secret: string
  state: AdmissionState
  reason: Reason | null
  place: number | null
  identity: string
  name: string
  role: Role
  signedIn: boolean
}

export type Policy = {
  allowMicrophone: boolean
  allowCamera: boolean
  allowShare: boolean
  allowChat: boolean
  allowReactions: boolean
}

export type You = { canAdmit: boolean; canModerate: boolean; canPresent: boolean; canChat: boolean }

export type DialIn = {
  tollNumber: string | null
  tollFreeNumber: string | null
  passcode: string | null
  url: string | null
  sip: string | null
}

export type Meeting = {
  subject: string | null
  organizer: { displayName: string } | null
  state: 'upcoming' | 'open' | 'cancelled' | 'expired'
  reason?: Reason | null
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
  guestsWait?: boolean
  /** Guests may change their name in the meeting. */
  allowRename?: boolean
  policy: Partial<Policy>
  you?: Partial<You>
}

export type Answer = { admission: Admission; meeting: Meeting; media?: Media }

export type Waiting = {
  id: string
  name: string
  reason: Reason | null
  since: string
  signedIn: boolean
  phone: boolean
  /** Of a telephone, its last digits hidden where they are not for us; empty when withheld. */
  number?: string | null
}

export type ChatFile = { name: string; size: number; type: string; url: string }
export type ChatReaction = { emoji: string; count: number; mine: boolean }
export type ChatMessage = {
  id: string
  from: { identity: string; name: string; you: boolean }
  text: string
  createdAt: string
  editedAt: string | null
  deleted: boolean
  replyTo: string | null
  mentions: string[]
  reactions: ChatReaction[]
  file: ChatFile | null
}

export type Announcement = { kind: 'entry' | 'exit'; name: string; phone: boolean; at: string; identity?: string }

export type DoorEvents = {
  admission: Partial<Admission> & { media?: Media }
  meeting: Meeting
  lobby: { waiting: Waiting[] }
  message: { text: string; from: string }
  announce: Announcement
  chat: { type: 'message' | 'updated' | 'deleted'; message: ChatMessage }
  room: { policy: Partial<Policy> }
  notice: { kind: string; [more: string]: unknown }
}

export type Ask = {
  link?: Link
  code?: Code
  name: string
  lang: string
  invitation?: string
  device: { camera: boolean; microphone: boolean }
}
