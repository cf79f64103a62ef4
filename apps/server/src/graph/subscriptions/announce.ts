import type { EventOf, MeetingEvent } from '../../meetings/events.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { Made } from '../../subscriptions/fan-out.ts'
import { callNotice, chatNotice, meetingNotice } from '../../subscriptions/notices.ts'
import type { ChangeType, Subscription } from '../../subscriptions/subscription.ts'
import { isMember } from '../chats/access.ts'
import { chatIdOf, toChatMessage } from '../chats/shape.ts'
import { encodeMeetingId } from '../online-meetings/meeting-id.ts'
import { toShape } from '../online-meetings/shape.ts'
import type { GraphContext } from '../operation.ts'

/** Who subscribed to what happened, and what each is told of it (contract B.17). */
export async function noticesOf(event: MeetingEvent, context: GraphContext): Promise<Made[]> {
  switch (event.kind) {
    case 'callStarted':
    case 'callEnded':
      return ofCall(event, { joined: [], left: [] }, context)
    case 'rosterUpdated': {
      const { meetingId } = event
      const [joined, left] = [event.joined, event.left].map((ids) => context.roster.membersOf(meetingId, ids))
      return ofCall(event, { joined: await joined!, left: await left! }, context)
    }
    case 'chat':
      return ofChat(event, context)
    case 'meetingUpdated':
      return ofMeeting('updated', event.meeting, context)
    case 'meetingDeleted':
      return [...(await ofMeeting('deleted', event.meeting, context)), ...(await endings(event.meetingId, context))]
    default:
      return []
  }
}

async function ofCall(
  event: EventOf<'callStarted' | 'callEnded' | 'rosterUpdated'>,
  people: Parameters<typeof callNotice>[2],
  context: GraphContext,
): Promise<Made[]> {
  const watching = await context.subscriptions.store.watching(event.meetingId, 'callEvents')
  return watching.map((subscription) => ({ subscription, notice: callNotice(subscription, event, people) }))
}

async function ofChat({ meetingId, messageId, change }: EventOf<'chat'>, context: GraphContext): Promise<Made[]> {
  const watching = wanting(await context.subscriptions.store.watching(meetingId, 'chatMessages'), change)
  if (watching.length === 0) return []
  const meeting = await context.meetingStore.findById(meetingId)
  const message = await context.chat.find(meetingId, messageId)
  // Deleted with everything in it: whoever watched is told of that instead.
  if (meeting === undefined || message === undefined) return []
  const chatId = chatIdOf(meeting)
  const notice = chatNotice(change, message, chatId, () => ({
    '@odata.context': `${context.config.publicUrl}/v1.0/$metadata#chats('${encodeURIComponent(chatId)}')/messages/$entity`,
    ...toChatMessage(message, meeting, context.config.publicUrl),
  }))
  const allowed = await Promise.all(watching.map((subscription) => mayStillRead(subscription, meeting, context)))
  return watching.filter((_, index) => allowed[index]).map((subscription) => ({ subscription, notice }))
}

async function ofMeeting(change: 'updated' | 'deleted', meeting: Meeting, context: GraphContext): Promise<Made[]> {
  const watching = wanting(await context.subscriptions.store.watching(meeting.id, 'meeting'), change)
  if (watching.length === 0) return []
  // Gone from the directory with all that was theirs, before this could be told.
  if ((await context.directory.users.find(meeting.tenantId, meeting.organizerId)) === undefined) return []
  const notice = meetingNotice(change, meeting, encodeMeetingId(meeting), {
    '@odata.type': '#microsoft.graph.onlineMeeting',
    ...(await toShape(meeting, context, 'en')),
    isCancelled: meeting.cancelledAt !== null,
  })
  return watching.map((subscription) => ({ subscription, notice }))
}

/** What a deleted meeting's chat was watched by ends with it. */
async function endings(meetingId: string, context: GraphContext): Promise<Made[]> {
  const watching = await context.subscriptions.store.watching(meetingId, 'chatMessages')
  return watching.map((subscription) => ({
    ...{ subscription, ends: true },
    notice: { type: 'lifecycle', event: 'subscriptionRemoved' },
  }))
}

function wanting(subscriptions: readonly Subscription[], change: ChangeType): Subscription[] {
  return subscriptions.filter(({ change_types: types }) => types.split(',').includes(change))
}

/** A person who is gone from the directory, or no longer belongs to the chat, is told nothing more of it. */
async function mayStillRead(subscription: Subscription, meeting: Meeting, context: GraphContext): Promise<boolean> {
  const { creator_kind: kind, creator_id: id, tenant_id: tenantId, external } = subscription
  if (kind === 'app') return true
  if (external === 0 && (await context.directory.users.find(tenantId, id))?.enabled !== true) return false
  return isMember(meeting, id, context)
}
