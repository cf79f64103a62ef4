import { threadGuidOf, threadId } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError } from '../errors.ts'

/** Today's id: base64 of `1*{organizer}*0**{thread}` (contract B.12). Callers compose and take apart such ids themselves. */
export function encodeMeetingId(meeting: Pick<Meeting, 'organizerId' | 'threadGuid'>): string {
  return Buffer.from(`1*${meeting.organizerId}*0**${threadId(meeting.threadGuid, 'thread.v2')}`, 'ascii').toString('base64')
}

export interface MeetingKey {
  organizerId: string
  threadGuid: string
}

const plainForm = /^1\*([0-9a-f-]{36})\*0\*\*(19:meeting_.+)$/i
const form2019 = /^([0-9a-f-]{36})_(19:meeting_.+)$/i

/**
 * Read an id in its base64 form, the text inside it, or the form of 2019 (`{organizer}_{thread}`).
 * Throws GraphError 400 with the texts of contract B.19.
 */
export function decodeMeetingId(id: string): MeetingKey {
  if (/^19:/.test(id)) throw new GraphError('invalidMeetingId', { message: `Invalid meeting id ${id.slice(0, 200)}.` })
  for (const text of [id, fromBase64(id)]) {
    const match = plainForm.exec(text) ?? form2019.exec(text)
    const threadGuid = match === null ? undefined : threadGuidOf(match[2]!)
    if (match !== null && threadGuid !== undefined) return { organizerId: match[1]!.toLowerCase(), threadGuid }
  }
  throw new GraphError('meetingIdCorrupted')
}

function fromBase64(id: string): string {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(id) ? Buffer.from(id, 'base64').toString('latin1') : ''
}
