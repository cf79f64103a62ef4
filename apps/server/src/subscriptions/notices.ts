import { randomUUID } from 'node:crypto'
import type { StoredMessage } from '../chat/message.ts'
import { formatInstant } from '../common/instant.ts'
import type { EventOf } from '../meetings/events.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { RosterMember } from '../meetings/roster.ts'
import type { ChangeType, Notice, Subscription } from './subscription.ts'

type CallEvent = EventOf<'callStarted' | 'callEnded' | 'rosterUpdated'>

/** Who joined and who left with a `rosterUpdated`. */
export interface People {
  joined: RosterMember[]
  left: RosterMember[]
}

const oldNames = {
  callStarted: 'Microsoft.Communication.CallStarted',
  callEnded: 'Microsoft.Communication.CallEnded',
  rosterUpdated: 'Microsoft.Communication.CallRosterUpdate',
} as const

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** What a subscription to meetingCallEvents is told, in the shape that goes with the spelling of its resource (contract B.17). */
export function callNotice(subscription: Subscription, event: CallEvent, people: People): Notice {
  const resource = subscription.resource.replace(/^\//, '')
  const id = randomUUID()
  const path = `${resource}/${id}`
  const tenant = subscription.tenant_id
  const content = isOldSpelling(subscription) ? oldShape(path, event, people, tenant) : newShape(path, id, event, people, tenant)
  const resourceData = { '@odata.type': '#microsoft.graph.callEvent', '@odata.id': path, id }
  return { type: 'change', event: 'updated', resource, resourceData, content }
}

function isOldSpelling({ resource }: Subscription): boolean {
  return /filter=/i.test(resource)
}

function oldShape(path: string, event: CallEvent, people: People, tenant: string): Record<string, unknown> {
  const shown = (list: RosterMember[]) => list.map((member) => ({ identity: identityOf(member, tenant) }))
  return {
    '@odata.type': '#microsoft.graph.callEvent',
    '@odata.id': path,
    eventType: oldNames[event.kind],
    eventDateTime: formatInstant(event.happenedAt),
    state: 'active',
    ...(event.kind === 'rosterUpdated'
      ? { 'activeParticipants@joined': shown(people.joined), 'activeParticipants@exited': shown(people.left) }
      : {}),
  }
}

function newShape(path: string, id: string, event: CallEvent, people: People, tenant: string): Record<string, unknown> {
  const shown = (list: RosterMember[], removedState: { reason: string } | null) =>
    list.map((member) => ({
      '@odata.type': '#microsoft.graph.participant',
      ...{ id: member.identity, info: { identity: identityOf(member, tenant) }, isInLobby: false, removedState },
    }))
  return {
    '@odata.type': '#microsoft.graph.callEvent',
    '@odata.id': path,
    id,
    callEventType: event.kind,
    eventDateTime: formatInstant(event.happenedAt),
    participants:
      event.kind === 'rosterUpdated' ? [...shown(people.joined, null), ...shown(people.left, { reason: 'Left' })] : [],
  }
}

function identityOf(member: RosterMember, tenantId: string): Record<string, unknown> {
  const person = { id: member.userId ?? member.identity, displayName: member.name }
  if (member.phone) return { phone: person }
  return member.userId === null ? { guest: person } : { user: { ...person, tenantId } }
}

/** What a subscription to a chat's messages is told. `shape` makes the chatMessage for those that include resource data. */
export function chatNotice(
  event: ChangeType,
  message: StoredMessage,
  chatId: string,
  shape: () => Record<string, unknown>,
): Notice {
  const resource = `chats(${quoted(chatId)})/messages(${quoted(message.id)})`
  return {
    ...{ type: 'change', event, resource },
    resourceData: { '@odata.type': '#microsoft.graph.chatMessage', '@odata.id': resource, id: message.id },
    content: shape(),
  }
}

/** What a subscription to a meeting itself is told: an addition of ours. */
export function meetingNotice(
  event: 'updated' | 'deleted',
  meeting: Meeting,
  meetingId: string,
  shape: Record<string, unknown>,
): Notice {
  const resource = `users(${quoted(meeting.organizerId)})/onlineMeetings(${quoted(meetingId)})`
  return {
    ...{ type: 'change', event, resource },
    resourceData: { '@odata.type': '#microsoft.graph.onlineMeeting', '@odata.id': resource, id: meetingId },
    content: shape,
  }
}
