import type { ChatPerson, StoredMessage } from '../../chat/message.ts'
import { formatInstant, type Instant, millisOf } from '../../common/instant.ts'
import { joinUrl, threadId } from '../../meetings/links.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { GraphContext } from '../operation.ts'

const date = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

const identityTypes = { user: 'aadUser', guest: 'anonymousGuest', phone: 'phoneUser', application: 'aadUser' } as const

/** The id of a meeting's chat, as today's contract writes it. */
export const chatIdOf = (meeting: Pick<Meeting, 'threadGuid'>) => threadId(meeting.threadGuid, 'thread.v2')

/** A message of a meeting's chat as Graph's chatMessage, nulls written (contract B.16). */
export function toChatMessage(message: StoredMessage, meeting: Meeting, publicUrl: string): Record<string, unknown> {
  return {
    id: message.id,
    replyToId: message.replyTo,
    etag: String(millisOf(message.modifiedAt)),
    messageType: 'message',
    createdDateTime: formatInstant(message.createdAt),
    lastModifiedDateTime: formatInstant(message.modifiedAt),
    lastEditedDateTime: date(message.editedAt),
    deletedDateTime: date(message.deletedAt),
    subject: null,
    summary: null,
    chatId: chatIdOf(meeting),
    importance: 'normal',
    locale: 'en-us',
    webUrl: null,
    channelIdentity: null,
    policyViolation: null,
    eventDetail: null,
    from: identitySetOf(message.from, meeting.tenantId),
    body: message.html === null ? { contentType: 'text', content: message.text } : { contentType: 'html', content: message.html },
    attachments: attachmentsOf(message, publicUrl),
    mentions: message.mentions.map(({ identity, userId, name }, id) => ({
      id,
      mentionText: name ?? identity,
      mentioned: {
        ...{ application: null, device: null, conversation: null, tag: null },
        user: userIdentity({ identity, userId, name: name ?? '', kind: userId === null ? 'guest' : 'user' }, meeting.tenantId),
      },
    })),
    reactions: message.reactions.map(({ emoji, by, at }) => ({
      reactionType: emoji,
      displayName: null,
      reactionContentUrl: null,
      createdDateTime: formatInstant(at),
      user: identitySetOf(by, meeting.tenantId),
    })),
    messageHistory: [],
  }
}

/** A meeting's chat as Graph's chat (contract B.16). */
export async function toChat(meeting: Meeting, lastAt: Instant | null, context: GraphContext): Promise<Record<string, unknown>> {
  const { organizer } = await context.organizers.of(meeting)
  const joinWebUrl = joinUrl(context.config.publicUrl, meeting, 'thread.v2')
  const person: ChatPerson = {
    ...{ identity: meeting.organizerId, userId: meeting.organizerId, name: organizer.displayName, kind: 'user' },
  }
  return {
    id: chatIdOf(meeting),
    topic: meeting.subject,
    createdDateTime: formatInstant(meeting.createdAt),
    lastUpdatedDateTime: formatInstant(lastAt ?? meeting.createdAt),
    chatType: 'meeting',
    webUrl: joinWebUrl,
    tenantId: meeting.tenantId,
    isHiddenForAllMembers: false,
    viewpoint: null,
    onlineMeetingInfo: { calendarEventId: null, joinWebUrl, organizer: userIdentity(person, meeting.tenantId) },
  }
}

function identitySetOf(person: ChatPerson, tenantId: string): Record<string, unknown> {
  const application =
    person.kind === 'application'
      ? {
          '@odata.type': '#microsoft.graph.teamworkApplicationIdentity',
          ...{ id: person.identity, displayName: person.name, applicationIdentityType: 'bot' },
        }
      : null
  return { application, device: null, user: application === null ? userIdentity(person, tenantId) : null }
}

function userIdentity(person: ChatPerson, tenantId: string): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.teamworkUserIdentity',
    id: person.userId ?? person.identity,
    displayName: person.name,
    userIdentityType: identityTypes[person.kind],
    tenantId: person.userId === null ? null : tenantId,
  }
}

function attachmentsOf({ file }: StoredMessage, publicUrl: string): Record<string, unknown>[] {
  if (file === null) return []
  const contentUrl = `${publicUrl}/api/chat/files/${file.id}`
  const nothing = { content: null, thumbnailUrl: null, teamsAppId: null }
  return [{ id: file.id, contentType: 'reference', contentUrl, name: file.name, ...nothing }]
}
