import { type Expression, type Selectable, type SqlBool, sql } from 'kysely'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { ChatFilesTable, ChatMessagesTable, ChatReactionsTable } from '../store/tables/chat.ts'
import type { ChatPerson, Mention, StoredMessage } from './message.ts'
import { foldText } from './text.ts'

export type MessageRow = Selectable<ChatMessagesTable>
type ReactionRow = Selectable<ChatReactionsTable>
type FileRow = Selectable<ChatFilesTable>

export type ChatOrder = 'created' | 'modified'

/** Where a page of messages begins and ends; bounds exclude the moment itself. */
export interface MessageRange {
  meetingId: string
  order: ChatOrder
  limit: number
  /** Continue after this message, newest first. */
  cursor?: { at: Instant; id: string } | undefined
  newerThan?: Instant | undefined
  olderThan?: Instant | undefined
  /** Leave out what was written at this moment or before, whatever the order. */
  createdAfter?: Instant | undefined
  /** Folded words that must occur. */
  search?: string | undefined
}

export interface StoredFile extends FileRow {}

/** What a chat holds. SQL only; the rules are the manager's, and what changes it is in chat-units.ts. */
export class ChatStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The newest message id of a meeting, to count on from. */
  async lastId(meetingId: string): Promise<number> {
    const row = await this.#db
      .selectFrom('chat_messages')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row === undefined ? 0 : Number(row.id)
  }

  async find(meetingId: string, id: string): Promise<{ message: StoredMessage; revision: number } | undefined> {
    const row = await this.#db
      .selectFrom('chat_messages')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const [message] = await this.#complete(meetingId, [row])
    return { message: message!, revision: row.revision }
  }

  /** Messages newest first by the order asked for. */
  async list(range: MessageRange): Promise<StoredMessage[]> {
    const column = range.order === 'created' ? 'created_at' : 'modified_at'
    let query = this.#db.selectFrom('chat_messages').selectAll().where('meeting_id', '=', range.meetingId)
    if (range.newerThan !== undefined) query = query.where(column, '>', range.newerThan)
    if (range.olderThan !== undefined) query = query.where(column, '<', range.olderThan)
    if (range.createdAfter !== undefined) query = query.where('created_at', '>', range.createdAfter)
    const { cursor } = range
    if (cursor !== undefined)
      query = query.where((where) =>
        where.or([where(column, '<', cursor.at), where.and([where(column, '=', cursor.at), where('id', '<', cursor.id)])]),
      )
    if (range.search !== undefined) query = query.where(contains(range.search))
    const rows = await query.orderBy(column, 'desc').orderBy('id', 'desc').limit(range.limit).execute()
    return this.#complete(range.meetingId, rows)
  }

  /** Take away what hangs on a deleted message. Returns its file. */
  async removeAttachments(meetingId: string, id: string): Promise<string | undefined> {
    const file = await this.#fileOf(meetingId, id)
    for (const table of ['chat_reactions', 'chat_files'] as const)
      await this.#db.deleteFrom(table).where('meeting_id', '=', meetingId).where('message_id', '=', id).execute()
    return file?.id
  }

  async findFile(meetingId: string, fileId: string): Promise<StoredFile | undefined> {
    return this.#db
      .selectFrom('chat_files')
      .selectAll()
      .where('id', '=', fileId)
      .where('meeting_id', '=', meetingId)
      .executeTakeFirst()
  }

  /** How many files a meeting has, and their bytes. */
  async fileTotals(meetingId: string): Promise<{ count: number; bytes: number }> {
    const row = await this.#db
      .selectFrom('chat_files')
      .select((select) => [select.fn.countAll<number>().as('count'), select.fn.sum<number | null>('size').as('bytes')])
      .where('meeting_id', '=', meetingId)
      .executeTakeFirstOrThrow()
    return { count: Number(row.count), bytes: Number(row.bytes ?? 0) }
  }

  /** Whether a signed-in person has written in a meeting's chat. */
  async hasWritten(meetingId: string, userId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('chat_messages')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .where('author_user_id', '=', userId)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async #fileOf(meetingId: string, messageId: string): Promise<FileRow | undefined> {
    return this.#db
      .selectFrom('chat_files')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('message_id', '=', messageId)
      .executeTakeFirst()
  }

  async #complete(meetingId: string, rows: MessageRow[]): Promise<StoredMessage[]> {
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    const of = (table: 'chat_reactions' | 'chat_files') =>
      this.#db
        .selectFrom(table)
        .selectAll()
        .where('meeting_id', '=', meetingId)
        .where('message_id', 'in', ids)
        .orderBy('created_at')
    const reactions = (await of('chat_reactions').execute()) as ReactionRow[]
    const files = (await of('chat_files').execute()) as FileRow[]
    return rows.map((row) =>
      toMessage(
        row,
        reactions.filter((each) => each.message_id === row.id),
        files.find((each) => each.message_id === row.id),
      ),
    )
  }
}

/** Who counts as one person for reactions. */
export function keyOf(person: Pick<ChatPerson, 'identity' | 'userId'>): string {
  return person.userId ?? person.identity
}

/** What searching looks in: the words, and the name of the file. */
export function foldedOf(text: string, { file }: Pick<StoredMessage, 'file'>): string {
  return foldText(`${text} ${file?.name ?? ''}`.trim())
}

function contains(folded: string): Expression<SqlBool> {
  const pattern = `%${folded.replace(/[\\%_]/g, '\\$&')}%`
  return sql<SqlBool>`folded like ${pattern} escape '\\'`
}

function toMessage(row: MessageRow, reactions: ReactionRow[], file: FileRow | undefined): StoredMessage {
  return {
    id: row.id,
    meetingId: row.meeting_id,
    from: { identity: row.author_identity, name: row.author_name, userId: row.author_user_id, kind: row.author_kind },
    text: row.content,
    html: row.html,
    replyTo: row.reply_to,
    mentions: JSON.parse(row.mentions) as Mention[],
    reactions: reactions.map((each) => ({
      emoji: each.emoji,
      by: { identity: each.person_identity, name: each.person_name, userId: each.person_user_id, kind: each.person_kind },
      at: each.created_at,
    })),
    file: file === undefined ? null : { id: file.id, name: file.name, size: file.size, type: file.type },
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
  }
}
