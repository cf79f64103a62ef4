/** A rule of meetings that a request breaks, and the member that breaks it (in the words of the shape it came in). */
export class MeetingError extends Error {
  readonly reason: 'invalid' | 'missing' | 'conflict'
  readonly member: MeetingMember
  constructor(reason: 'invalid' | 'missing' | 'conflict', member: MeetingMember, message: string) {
    super(message)
    this.name = 'MeetingError'
    this.reason = reason
    this.member = member
  }
}

/** Members of a meeting that rules speak of; each shape in graph/ has its own name for them. */
export type MeetingMember = 'start' | 'end' | 'expiration' | 'organizer' | 'attendees' | 'externalId' | 'revision'
