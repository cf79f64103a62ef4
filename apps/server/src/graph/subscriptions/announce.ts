import type { ChatEvent } from '../../chat/chat-events.ts'
import type { CallEvent } from '../../meetings/call-events.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingEvent } from '../../meetings/meeting-manager.ts'
import { callNotice, chatNotice, meetingNotice } from '../../subscriptions/notices.ts'
import type { ChangeType, Subscription } from '../../subscriptions/subscription.ts'
import { isMember } from '../chats/access.ts'
import { chatIdOf, toChatMessage } from '../chats/shape.ts'
import { encodeMeetingId } from '../online-meetings/meeting-id.ts'
import { toShape } from '../online-meetings/shape.ts'
import type { GraphContext } from '../operation.ts'

const chatChanges = { message: 'created', updated: 'updated', deleted: 'deleted' } as const

/**
 * Turn what happens in rooms, chats and meetings into notices for those who subscribed, in the order it happens.
 * Returns the way to stop, which waits for what is under way.
 */
export function announceChanges(context: GraphContext, onError: (error: unknown) => void): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  const inOrder = (work: () => Promise<void>) => {
    last = last.then(work).catch(onError)
  }
  const stopCalls = context.callEvents.on((meetingId, event) => inOrder(() => announceCall(context, meetingId, event)))
  const stopChats = context.chatEvents.on((meetingId, event) => inOrder(() => announceChat(context, meetingId, event)))
  const stopMeetings = context.meetings.onChange((event) => inOrder(() => announceMeeting(context, event)))
  return async () => {
    stopCalls()
    stopChats()
    stopMeetings()
    await last
  }
}

async function announceCall(context: GraphContext, meetingId: string, event: CallEvent): Promise<void> {
  if (event.kind === 'callStarted' && event.resumed === true) return
  for (const subscription of await context.subscriptions.store.watching(meetingId, 'callEvents'))
    await context.subscriptions.tell(subscription, callNotice(subscription, event))
}

async function announceChat(context: GraphContext, meetingId: string, event: ChatEvent): Promise<void> {
  const { store } = context.subscriptions
  const watching = wanting(await store.watching(meetingId, 'chatMessages'), chatChanges[event.type])
  const meeting = watching.length === 0 ? undefined : await context.meetingStore.findById(meetingId)
  if (meeting === undefined) return
  const chatId = chatIdOf(meeting)
  const notice = chatNotice(chatChanges[event.type], event.message, chatId, () => ({
    '@odata.context': `${context.config.publicUrl}/v1.0/$metadata#chats('${encodeURIComponent(chatId)}')/messages/$entity`,
    ...toChatMessage(event.message, meeting, context.config.publicUrl),
  }))
  for (const subscription of watching)
    if (await mayStillRead(subscription, meeting, context)) await context.subscriptions.tell(subscription, notice)
}

async function announceMeeting(context: GraphContext, { kind, meeting }: MeetingEvent): Promise<void> {
  if (kind === 'created') return
  const { store } = context.subscriptions
  const watching = wanting(await store.watching(meeting.id, 'meeting'), kind)
  if (watching.length > 0) {
    const notice = meetingNotice(kind, meeting, encodeMeetingId(meeting), {
      '@odata.type': '#microsoft.graph.onlineMeeting',
      ...(await toShape(meeting, context, 'en')),
      isCancelled: meeting.cancelledAt !== null,
    })
    for (const subscription of watching) await context.subscriptions.tell(subscription, notice)
  }
  if (kind !== 'deleted') return
  for (const subscription of await store.watching(meeting.id, 'chatMessages')) await context.subscriptions.orphan(subscription)
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
