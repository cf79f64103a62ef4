import { dialinUrl } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { GraphContext } from '../operation.ts'

/** Today's dial-in block, or null where the meeting or the server has none. */
export type AudioConferencing = {
  conferenceId: string
  dialinUrl: string
  tollNumber: string | null
  tollFreeNumber: string | null
  tollNumbers: string[]
  tollFreeNumbers: string[]
} | null

/** The block of a meeting; `dialinId` is its tenant's. */
export function audioConferencing(meeting: Meeting, dialinId: string, context: Pick<GraphContext, 'config'>): AudioConferencing {
  const { tollNumber, tollFreeNumber } = context.config.dialin
  if (meeting.participantPasscode === null || (tollNumber === null && tollFreeNumber === null)) return null
  return {
    conferenceId: meeting.participantPasscode,
    dialinUrl: dialinUrl(context.config.publicUrl, dialinId, meeting.participantPasscode),
    tollNumber,
    tollFreeNumber,
    tollNumbers: tollNumber === null ? [] : [tollNumber],
    tollFreeNumbers: tollFreeNumber === null ? [] : [tollFreeNumber],
  }
}
