import { formatInstant, type Instant } from '../../common/instant.ts'
import { dialinUrl, joinUrl, threadId } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { GraphContext } from '../operation.ts'

const date = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

/** A meeting in the shape of the 2018 page: all fifteen members, nulls written (contract A.4, A.9). */
export async function toShape2018(
  meeting: Meeting,
  context: Pick<GraphContext, 'config' | 'organizers'>,
): Promise<Record<string, unknown>> {
  const { organizer, tenant } = await context.organizers.of(meeting)
  const origin = context.config.publicUrl
  const attendees = meeting.attendees.map(({ identity, upn }) => ({ identity, upn }))
  return {
    accessLevel: meeting.accessLevel,
    audioConferencing: audioConferencing(meeting, tenant.dialinId, context),
    canceledDateTime: date(meeting.cancelledAt),
    chatInfo: { threadId: threadId(meeting.threadGuid, 'thread.skype'), messageId: '0', replyChainMessageId: '0' },
    creationDateTime: formatInstant(meeting.createdAt),
    endDateTime: date(meeting.endAt),
    entryExitAnnouncement: meeting.entryExitAnnouncement,
    expirationDateTime: formatInstant(meeting.expiresAt),
    id: meeting.vtcId,
    isCancelled: meeting.cancelledAt !== null,
    joinUrl: joinUrl(origin, meeting, 'thread.skype'),
    meetingType: meeting.meetingType,
    participants: {
      organizer: {
        identity: { user: { id: meeting.organizerId, tenantId: meeting.tenantId, displayName: organizer.displayName } },
        upn: organizer.upn,
      },
      // The sample of the page has no `attendees` where there are none.
      ...(attendees.length === 0 ? {} : { attendees }),
    },
    startDateTime: date(meeting.startAt),
    subject: meeting.subject,
  }
}

function audioConferencing(
  meeting: Meeting,
  dialinId: string,
  context: Pick<GraphContext, 'config'>,
): Record<string, unknown> | null {
  const { tollNumber, tollFreeNumber } = context.config.dialin
  if (meeting.participantPasscode === null || (tollNumber === null && tollFreeNumber === null)) return null
  return {
    tollNumber,
    tollFreeNumber,
    participantPasscode: meeting.participantPasscode,
    leaderPasscode: meeting.leaderPasscode,
    dialinUrl: dialinUrl(context.config.publicUrl, dialinId, meeting.participantPasscode),
  }
}
