import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Meeting } from '../../meetings/meeting.ts'

/**
 * Personal links: proof that somebody is the attendee an invitation was sent to. Nothing is stored; a link holds while
 * its address is among the meeting's attendees, so taking an attendee out takes the link back.
 */
export class Invitations {
  readonly #key: string

  /** `secret` must be the server's own and stay the same over restarts. */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('parley invitations').digest('hex')
  }

  /** The token for an attendee's address (upn or mail). */
  tokenFor(meeting: Pick<Meeting, 'id'>, address: string): string {
    const name = Buffer.from(address.toLowerCase()).toString('base64url')
    return `${name}.${this.#sign(meeting.id, name)}`
  }

  /** The address a token of this meeting was made for, in lower case; undefined when it is none, or not invited any more. */
  addressOf(meeting: Pick<Meeting, 'id' | 'attendees'>, token: string): string | undefined {
    const [name = '', signature = ''] = token.split('.', 2)
    const [expected, actual] = [Buffer.from(this.#sign(meeting.id, name)), Buffer.from(signature)]
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return undefined
    const address = Buffer.from(name, 'base64url').toString()
    return meeting.attendees.some(({ upn }) => upn?.toLowerCase() === address) ? address : undefined
  }

  /** The link to send to that attendee: the meeting's, with the token. */
  linkFor(meeting: Pick<Meeting, 'id'>, joinUrl: string, address: string): string {
    return `${joinUrl}&invitation=${this.tokenFor(meeting, address)}`
  }

  #sign(meetingId: string, name: string): string {
    return createHmac('sha256', this.#key).update(`${meetingId}.${name}`).digest('base64url')
  }
}
