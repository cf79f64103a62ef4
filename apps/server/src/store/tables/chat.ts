import type { Instant } from '../../common/instant.ts'

export interface ChatMessagesTable {
  meeting_id: string
  /** Milliseconds since 1970, thirteen digits; text order is time order. */
  id: string
  author_kind: 'user' | 'guest' | 'phone' | 'application'
  author_identity: string
  author_user_id: string | null
  author_name: string
  content: string
  /** Sanitised HTML of messages that came as HTML. */
  html: string | null
  /** The content folded for searching; empty once deleted. */
  folded: string
  reply_to: string | null
  /** JSON array of mentions. */
  mentions: string
  created_at: Instant
  modified_at: Instant
  edited_at: Instant | null
  deleted_at: Instant | null
  /** Counts edits; the guard of conditional updates. */
  revision: number
}

export interface ChatReactionsTable {
  meeting_id: string
  message_id: string
  emoji: string
  /** The account's object id, or the identity of somebody without one: one person reacts once with one emoji. */
  person_key: string
  person_kind: 'user' | 'guest' | 'phone' | 'application'
  person_identity: string
  person_user_id: string | null
  person_name: string
  created_at: Instant
}

/** What a message said before an edit or a deletion: for the organizer's export, never shown in the room. */
export interface ChatHistoryTable {
  meeting_id: string
  message_id: string
  /** The revision that the text had. */
  revision: number
  content: string
  html: string | null
  replaced_at: Instant
}

export interface ChatFilesTable {
  /** Random; the name of the file on disk and in its address. */
  id: string
  meeting_id: string
  message_id: string
  name: string
  size: number
  /** What the sender called it. */
  type: string
  sha256: string
  created_at: Instant
}
