import type { Clock } from '../common/clock.ts'
import { formatInstant, type Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { ChatFiles } from './chat-files.ts'
import type { ChatStore } from './chat-store.ts'
import type { StoredMessage } from './message.ts'

/** Whose traces are to go: an account, or the identity of somebody without one in one meeting. */
export type ErasedPerson = { userId: string } | { meetingId: string; identity: string }

const pageSize = 500
const sweepMs = 3_600_000
const erasedName = '—'

/** What organizer and administrator may do with a chat as a whole: export it, erase a person, purge it. */
export class ChatRecords {
  readonly #db: Database
  readonly #store: ChatStore
  readonly #files: ChatFiles
  readonly #clock: Clock
  #timer: NodeJS.Timeout | undefined

  constructor(options: { db: Database; store: ChatStore; files: ChatFiles; clock: Clock }) {
    this.#db = options.db
    this.#store = options.store
    this.#files = options.files
    this.#clock = options.clock
  }

  /** Everything a meeting's chat holds, oldest first, earlier texts included; files by name, size and SHA-256. */
  async export(meetingId: string): Promise<Record<string, unknown>> {
    const messages: StoredMessage[] = []
    for (let cursor: { at: Instant; id: string } | undefined; ; ) {
      const page = await this.#store.list({ meetingId, order: 'created', limit: pageSize, cursor })
      messages.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) break
      cursor = { at: last.createdAt, id: last.id }
    }
    const history = await this.#db
      .selectFrom('chat_history')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .orderBy('revision')
      .execute()
    const files = await this.#db.selectFrom('chat_files').selectAll().where('meeting_id', '=', meetingId).execute()
    return {
      messages: messages.reverse().map((message) => ({
        id: message.id,
        from: message.from,
        text: message.text,
        html: message.html,
        createdDateTime: formatInstant(message.createdAt),
        editedDateTime: message.editedAt === null ? null : formatInstant(message.editedAt),
        deletedDateTime: message.deletedAt === null ? null : formatInstant(message.deletedAt),
        replyTo: message.replyTo,
        mentions: message.mentions,
        reactions: message.reactions.map(({ emoji, by, at }) => ({ emoji, by, createdDateTime: formatInstant(at) })),
        file: files
          .filter((file) => file.message_id === message.id)
          .map(({ id, name, size, type, sha256 }) => ({ id, name, size, type, sha256 }))[0],
        earlier: history
          .filter((each) => each.message_id === message.id)
          .map((each) => ({ text: each.content, html: each.html, replacedDateTime: formatInstant(each.replaced_at) })),
      })),
    }
  }

  /** Erase what a person wrote, reacted and sent; places in the order of messages stay, empty. Returns how many messages. */
  async erase(person: ErasedPerson): Promise<number> {
    const at = this.#clock.now()
    const own = this.#db
      .selectFrom('chat_messages')
      .select(['meeting_id', 'id'])
      .$if('userId' in person, (query) => query.where('author_user_id', '=', 'userId' in person ? person.userId : ''))
      .$if('identity' in person, (query) =>
        query
          .where('meeting_id', '=', 'identity' in person ? person.meetingId : '')
          .where('author_identity', '=', 'identity' in person ? person.identity : ''),
      )
    const messages = await own.execute()
    for (const { meeting_id: meetingId, id } of messages) {
      const file = await this.#store.removeAttachments(meetingId, id)
      if (file !== undefined) await this.#files.remove(meetingId, file)
      await this.#db.deleteFrom('chat_history').where('meeting_id', '=', meetingId).where('message_id', '=', id).execute()
      await this.#db
        .updateTable('chat_messages')
        .set({ content: '', html: null, folded: '', mentions: '[]', modified_at: at })
        .set({ author_name: erasedName, author_user_id: null, author_identity: `erased:${id}`, author_kind: 'guest' })
        .set((set) => ({ deleted_at: set.fn.coalesce('deleted_at', set.val(at)), revision: set('revision', '+', 1) }))
        .where('meeting_id', '=', meetingId)
        .where('id', '=', id)
        .execute()
    }
    await this.#eraseReactions(person)
    return messages.length
  }

  /** Files of a meeting that is gone; its rows went with it. */
  async purged(meetingId: string): Promise<void> {
    await this.#files.removeMeeting(meetingId)
  }

  /** Sweep now and every hour: tenants and people that are deleted take their meetings along without a word to anybody here. */
  start(onError: (error: unknown) => void): void {
    const sweep = () => {
      this.sweep().catch(onError)
    }
    this.#timer = setInterval(sweep, sweepMs).unref()
    sweep()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Take away files on disk that nothing owns, as a crash leaves them. */
  async sweep(): Promise<number> {
    return this.#files.sweep(async (meetingId) => {
      const meeting = await this.#db.selectFrom('meetings').select('id').where('id', '=', meetingId).executeTakeFirst()
      if (meeting === undefined) return undefined
      const files = await this.#db.selectFrom('chat_files').select('id').where('meeting_id', '=', meetingId).execute()
      return new Set(files.map(({ id }) => id))
    }, this.#clock.millis())
  }

  async #eraseReactions(person: ErasedPerson): Promise<void> {
    const query = this.#db.deleteFrom('chat_reactions')
    await ('userId' in person
      ? query.where('person_user_id', '=', person.userId)
      : query.where('meeting_id', '=', person.meetingId).where('person_identity', '=', person.identity)
    ).execute()
  }
}
