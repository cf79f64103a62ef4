import { sql } from 'kysely'
import type { Instant } from '../common/instant.ts'
import type { EventBody } from '../meetings/events.ts'
import type { Journal } from '../meetings/journal.ts'
import type { Database } from '../store/database.ts'
import type { Step } from '../store/unit.ts'
import { foldedOf, keyOf, type MessageRow } from './chat-store.ts'
import type { ChatPerson, Mention, StoredMessage } from './message.ts'

/** The changes of a chat: each one unit of the meeting's journal, with the event that tells of it. */
export class ChatUnits {
  readonly #db: Database
  readonly #journal: Journal

  constructor(db: Database, journal: Journal) {
    this.#db = db
    this.#journal = journal
  }

  /**
   * Store a message, and its file with it. False when its id is not above every other's, when the meeting is gone, or when
   * its files would pass the allowance (counted in the same unit, so that many at once do not); nothing is stored then.
   */
  async insert(message: StoredMessage, sha256: string | null, allowance: { count: number; bytes: number }): Promise<boolean> {
    const { file } = message
    const row = toRow(message)
    const columns = Object.keys(row) as (keyof MessageRow)[]
    const query = this.#db
      .insertInto('chat_messages')
      .columns(columns)
      .expression((builder) =>
        builder
          .selectFrom('meetings')
          .select(columns.map((column) => sql.val(row[column]).as(column)))
          .where('meetings.id', '=', message.meetingId)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('chat_messages as later')
                  .select('later.id')
                  .where('later.meeting_id', '=', message.meetingId)
                  .where('later.id', '>=', message.id),
              ),
            ),
          )
          .$if(file !== null, (select) =>
            select.where(({ eb, fn, selectFrom, val }) => {
              const held = selectFrom('chat_files').where('chat_files.meeting_id', '=', message.meetingId)
              const count = held.select(fn.countAll<number>().as('count'))
              const bytes = held.select((files) => files.fn.coalesce(files.fn.sum<number>('size'), files.val(0)).as('bytes'))
              return eb.and([eb(val(allowance.count), '>', count), eb(val(allowance.bytes - file!.size), '>=', bytes)])
            }),
          ),
      )
      .compile()
    const writes: Step[] = [{ query, must: true }]
    if (file !== null) {
      const { id, name, size, type } = file
      const row = { id, name, size, type, meeting_id: message.meetingId, message_id: message.id, sha256: sha256! }
      writes.push({
        query: this.#db
          .insertInto('chat_files')
          .values({ ...row, created_at: message.createdAt })
          .compile(),
      })
    }
    return this.#write(message, message.createdAt, writes, 'created')
  }

  /**
   * Replace a message's text, keeping the old one; a deletion also takes away what hangs on it. False when somebody was
   * faster, or it is deleted.
   */
  async replaceText(
    { message, revision }: { message: StoredMessage; revision: number },
    change: { text: string; html: string | null; mentions: Mention[]; at: Instant; deleted: boolean },
  ): Promise<boolean> {
    const { meetingId, id } = message
    const replace = this.#db
      .updateTable('chat_messages')
      .set({
        ...{ content: change.text, html: change.html, folded: change.deleted ? '' : foldedOf(change.text, message) },
        ...{ mentions: JSON.stringify(change.mentions), modified_at: change.at, revision: revision + 1 },
        ...(change.deleted ? { deleted_at: change.at } : { edited_at: change.at }),
      })
      .where('meeting_id', '=', meetingId)
      .where('id', '=', id)
      .where('revision', '=', revision)
      .where('deleted_at', 'is', null)
      .compile()
    const keep = this.#db
      .insertInto('chat_history')
      .values({
        ...{ meeting_id: meetingId, message_id: id, revision, content: message.text, html: message.html },
        replaced_at: change.at,
      })
      .compile()
    const detach = (['chat_reactions', 'chat_files'] as const).map((table) => ({
      query: this.#db.deleteFrom(table).where('meeting_id', '=', meetingId).where('message_id', '=', id).compile(),
    }))
    const writes = [{ query: replace, must: true }, { query: keep }, ...(change.deleted ? detach : [])]
    return this.#write(message, change.at, writes, change.deleted ? 'deleted' : 'updated')
  }

  /** Add or take back a reaction. False when that changes nothing, or the message is deleted. */
  async react(message: StoredMessage, emoji: string, by: ChatPerson, on: boolean, at: Instant): Promise<boolean> {
    const { meetingId, id } = message
    const add = this.#db
      .insertInto('chat_reactions')
      .values({
        ...{ meeting_id: meetingId, message_id: id, emoji, person_key: keyOf(by), person_kind: by.kind },
        ...{ person_identity: by.identity, person_user_id: by.userId, person_name: by.name, created_at: at },
      })
      .onConflict((conflict) => conflict.doNothing())
    const remove = this.#db
      .deleteFrom('chat_reactions')
      .where('meeting_id', '=', meetingId)
      .where('message_id', '=', id)
      .where('emoji', '=', emoji)
      .where('person_key', '=', keyOf(by))
    const touch = this.#db
      .updateTable('chat_messages')
      .set({ modified_at: at })
      .where('meeting_id', '=', meetingId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .compile()
    const change = on ? add.compile() : remove.compile()
    return this.#write(
      message,
      at,
      [
        { query: touch, must: true },
        { query: change, must: true },
      ],
      'updated',
    )
  }

  async #write(
    { meetingId, id }: StoredMessage,
    at: Instant,
    writes: Step[],
    change: 'created' | 'updated' | 'deleted',
  ): Promise<boolean> {
    const event: EventBody = { kind: 'chat', change, messageId: id }
    return (await this.#journal.write({ meetingId, at, writes, events: [event] })) !== undefined
  }
}

function toRow(message: StoredMessage): MessageRow {
  const { from } = message
  return {
    meeting_id: message.meetingId,
    id: message.id,
    author_kind: from.kind,
    author_identity: from.identity,
    author_user_id: from.userId,
    author_name: from.name,
    content: message.text,
    html: message.html,
    folded: foldedOf(message.text, message),
    reply_to: message.replyTo,
    mentions: JSON.stringify(message.mentions),
    created_at: message.createdAt,
    modified_at: message.modifiedAt,
    edited_at: null,
    deleted_at: null,
    revision: 1,
  }
}
