import type { AdmissionEvent, Role, Waiting } from './admission.ts'
import type { ChatChange } from './chat.ts'
import type { Meeting, Policy } from './meeting.ts'

/** Who came or went. */
export interface Announcement {
  kind: 'entry' | 'exit'
  name: string
  phone: boolean
  /** ISO time. */
  at: string
  identity: string
}

/** Something done to this person; `by` is the name of who did it. */
export type Notice =
  | { kind: 'muted' | 'cameraStopped' | 'shareStopped' | 'handLowered'; by: string }
  | { kind: 'role'; role: Role; by: string }

/** The events of `GET /api/door/events` by their name, with their `data`. */
export interface DoorEvents {
  admission: AdmissionEvent
  meeting: Meeting
  lobby: { waiting: Waiting[] }
  message: { text: string; from: string }
  announce: Announcement
  chat: ChatChange
  room: { policy: Policy }
  notice: Notice
}
