import type { Meeting } from './meeting.ts'
import type { Reason } from './reason.ts'

export const roles = ['organizer', 'coorganizer', 'presenter', 'attendee'] as const
export type Role = (typeof roles)[number]

export function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value)
}

/** Where somebody stands. Only `waiting` and `admitted` are live; from the others there is no way back but to ask again. */
export const admissionStates = ['waiting', 'admitted', 'denied', 'left', 'expired', 'removed'] as const
export type AdmissionState = (typeof admissionStates)[number]

export interface MeetingLink {
  threadId: string
  messageId: string
}

export interface MeetingCode {
  meetingId: string
  passcode: string
}

/** `POST /api/door/ask`: exactly one of `link` and `code`. */
export interface Ask {
  link?: MeetingLink
  code?: MeetingCode
  name: string
  /** BCP 47. */
  lang: string
  /** The token of a personal invitation. */
  invitation?: string
  device: { camera: boolean; microphone: boolean }
}

/** Where the media server is, and a LiveKit token for it that does not live long. */
export interface Media {
  url: string
  token: string
}

/** One person's way through the door of one meeting. */
export interface Admission {
  id: string
  state: AdmissionState
  reason: Reason | null
  /** Place in the lobby from 1; null to whoever does not wait. */
  place: number | null
  /** The LiveKit identity. */
  identity: string
  name: string
  role: Role
  signedIn: boolean
}

/** `media` is there for somebody who is in. */
export type AdmissionEvent = Admission & { media?: Media }

/** What asking and `GET /api/door/me` answer; only asking gives the `secret`. */
export interface Answer {
  admission: Admission & { secret?: string }
  meeting: Meeting
  media?: Media
}

/** Somebody in the lobby, as those see them who may let them in. */
export interface Waiting {
  id: string
  name: string
  reason: Reason | null
  /** ISO time. */
  since: string
  signedIn: boolean
  phone: boolean
  /** Named among the attendees, and proved it. */
  invited: boolean
  /** Of a telephone, its last digits hidden where they are not for us; empty when withheld, null for everybody else. */
  number: string | null
}

/** What became of somebody in the lobby; `by` is a name. */
export interface LobbyOutcome {
  id: string
  state: AdmissionState
  reason: Reason | null
  by: string | null
}
