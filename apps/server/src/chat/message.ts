import type { ChatMessage, ChatReaction as ReactionCount } from '@parley/door-api'
import { formatInstant, type Instant } from '../common/instant.ts'

/** Who wrote, reacted or looks. `userId` is the object id of a signed-in person. */
export interface ChatPerson {
  /** The LiveKit identity; for people who write by Graph, their object id. */
  identity: string
  name: string
  userId: string | null
  kind: PersonKind
}

const personKinds = ['user', 'guest', 'phone', 'application'] as const
type PersonKind = (typeof personKinds)[number]

interface ChatReaction {
  emoji: string
  by: ChatPerson
  at: Instant
}

export interface ChatFile {
  id: string
  name: string
  /** Bytes. */
  size: number
  /** What the sender called it; a label, never a content type we serve. */
  type: string
}

export interface Mention {
  identity: string
  userId: string | null
  name: string | null
}

/** A message as it is stored, the same for everybody. */
export interface StoredMessage {
  /** Milliseconds since 1970, thirteen digits, unique in its meeting and rising. */
  id: string
  meetingId: string
  from: ChatPerson
  /** Plain text; empty once deleted. */
  text: string
  /** The sanitised HTML of a message written as HTML by Graph. */
  html: string | null
  replyTo: string | null
  mentions: Mention[]
  reactions: ChatReaction[]
  file: ChatFile | null
  createdAt: Instant
  /** The last change of any kind, reactions too. */
  modifiedAt: Instant
  editedAt: Instant | null
  deletedAt: Instant | null
}

/** Whether two records are of one person: the same account, or the same admission. */
export function isSame(a: Pick<ChatPerson, 'identity' | 'userId'>, b: Pick<ChatPerson, 'identity' | 'userId'>): boolean {
  return a.userId !== null || b.userId !== null ? a.userId === b.userId : a.identity === b.identity
}

/** A message as one person sees it (docs/door-api.md). */
export function toView(message: StoredMessage, viewer: Pick<ChatPerson, 'identity' | 'userId'>): ChatMessage {
  const deleted = message.deletedAt !== null
  const { from, file } = message
  return {
    id: message.id,
    from: { identity: from.identity, name: from.name, you: isSame(from, viewer), kind: from.kind },
    text: message.text,
    createdAt: formatInstant(message.createdAt),
    editedAt: message.editedAt === null ? null : formatInstant(message.editedAt),
    deleted,
    replyTo: message.replyTo,
    mentions: message.mentions.map(({ identity }) => identity),
    reactions: countReactions(message.reactions, viewer),
    file: file === null ? null : { name: file.name, size: file.size, type: file.type, url: `/api/chat/files/${file.id}` },
  }
}

function countReactions(reactions: readonly ChatReaction[], viewer: Pick<ChatPerson, 'identity' | 'userId'>): ReactionCount[] {
  const counts = new Map<string, ReactionCount>()
  for (const { emoji, by } of reactions) {
    const entry = counts.get(emoji) ?? { emoji, count: 0, mine: false }
    counts.set(emoji, { emoji, count: entry.count + 1, mine: entry.mine || isSame(by, viewer) })
  }
  return [...counts.values()]
}
