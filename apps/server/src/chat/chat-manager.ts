import { maxChatText } from '@parley/door-api'
import type { Clock } from '../common/clock.ts'
import { instantFromMillis } from '../common/instant.ts'
import { RateLimit } from '../common/rate-limit.ts'
import type { Meeting } from '../meetings/meeting.ts'
import { ChatError, invalid } from './chat-error.ts'
import type { ChatFiles, WrittenFile } from './chat-files.ts'
import { type ChatStore, keyOf, type MessageRange } from './chat-store.ts'
import type { ChatUnits } from './chat-units.ts'
import { type ChatFile, type ChatPerson, isSame, type Mention, type StoredMessage } from './message.ts'
import { cleanHtml, cleanText, foldText, isBlank, readEmoji, textOfHtml } from './text.ts'

export interface MessageDraft {
  /** Plain text, or HTML when `html` is true. */
  content: string
  html?: boolean
  replyTo?: string | null
  mentions?: Mention[]
}

const idAttempts = 20
const rememberedMeetings = 10_000
const maxMentions = 50
const maxEmoji = 20
const maxFiles = 500
/** All files of a meeting together, in files of the largest size. */
const meetingQuota = 50
/** Files of a meeting that are being sent at once; each is on disk before it is counted. */
const maxUploads = 20

/** The rules of a meeting's chat. Who may write at all is decided before (policy.ts, the door). */
export class ChatManager {
  readonly #store: ChatStore
  readonly #files: ChatFiles
  readonly #units: ChatUnits
  readonly #clock: Clock
  /** The last id given in a meeting, so that writers in this process never collide. */
  readonly #lastIds = new Map<string, number>()
  readonly #uploads = new Map<string, number>()
  readonly #throttles: Record<'write' | 'react' | 'file' | 'meeting', RateLimit>

  constructor(options: { store: ChatStore; units: ChatUnits; files: ChatFiles; clock: Clock }) {
    this.#store = options.store
    this.#files = options.files
    this.#units = options.units
    this.#clock = options.clock
    const throttle = (burst: number, perSecond: number) => new RateLimit({ burst, perSecond, millis: () => this.#clock.millis() })
    this.#throttles = {
      write: throttle(10, 1),
      react: throttle(30, 5),
      file: throttle(5, 0.2),
      meeting: throttle(200, 50),
    }
  }

  /** Write a message. Throws ChatError InvalidArgument, TooManyRequests. */
  async post(meeting: Meeting, from: ChatPerson, draft: MessageDraft): Promise<StoredMessage> {
    const body = readBody(draft, false)
    const mentions = readMentions(draft.mentions)
    const replyTo = await this.#readReply(meeting.id, draft.replyTo)
    this.#take('write', meeting.id, from)
    return this.#insert(meeting.id, from, { ...body, mentions, replyTo, file: null, sha256: null })
  }

  /**
   * Take one from the allowance for files, and look whether the meeting has room. The returned function must be called when
   * the file has come, or not. Throws ChatError TooManyRequests, TooLarge, FilesDisabled.
   */
  async admitFile(meeting: Meeting, from: ChatPerson): Promise<() => void> {
    if (this.#files.limit === 0) throw new ChatError('FilesDisabled')
    this.#take('file', meeting.id, from)
    if (!(await this.#hasRoom(meeting.id, 1))) throw noRoom()
    const underWay = this.#uploads.get(meeting.id) ?? 0
    if (underWay >= maxUploads) throw new ChatError('TooManyRequests', { retryAfter: 5 })
    this.#uploads.set(meeting.id, underWay + 1)
    return () => {
      const left = this.#uploads.get(meeting.id)! - 1
      if (left === 0) this.#uploads.delete(meeting.id)
      else this.#uploads.set(meeting.id, left)
    }
  }

  /** Make a message of a file that is on disk already. Throws ChatError TooLarge when the meeting has no room for it; the file is gone then. */
  async postFile(
    meeting: Meeting,
    from: ChatPerson,
    file: WrittenFile & Pick<ChatFile, 'name' | 'type'>,
    content = '',
  ): Promise<StoredMessage> {
    try {
      const { id, name, size, type, sha256 } = file
      const body = readBody({ content }, true)
      return await this.#insert(meeting.id, from, {
        ...{ ...body, mentions: [], replyTo: null, file: { id, name, size, type }, sha256 },
      })
    } catch (error) {
      await this.#files.remove(meeting.id, file.id)
      throw error
    }
  }

  /** Change one's own message. Throws ChatError MessageNotFound, NotAllowed, Conflict. */
  async edit(meeting: Meeting, id: string, by: ChatPerson, draft: MessageDraft): Promise<StoredMessage> {
    const found = await this.#existing(meeting.id, id)
    if (!isSame(found.message.from, by))
      throw new ChatError('NotAllowed', { message: 'Only the person who wrote a message can change it.' })
    const body = readBody(draft, found.message.file !== null)
    this.#take('write', meeting.id, by)
    const at = this.#clock.now()
    const mentions = draft.mentions === undefined ? found.message.mentions : readMentions(draft.mentions)
    if (!(await this.#units.replaceText(found, { ...body, mentions, at, deleted: false }))) throw new ChatError('Conflict')
    return this.#now(meeting.id, id)
  }

  /** Delete a message: one's own, or anybody's for those who moderate. Doing it again changes nothing. */
  async remove(meeting: Meeting, id: string, by: ChatPerson, options: { moderates: boolean }): Promise<StoredMessage> {
    const found = await this.#store.find(meeting.id, id)
    if (found === undefined) throw new ChatError('MessageNotFound')
    if (!options.moderates && !isSame(found.message.from, by))
      throw new ChatError('NotAllowed', { message: 'Only the person who wrote a message can delete it.' })
    if (found.message.deletedAt !== null) return found.message
    const at = this.#clock.now()
    if (!(await this.#units.replaceText(found, { text: '', html: null, mentions: [], at, deleted: true })))
      throw new ChatError('Conflict')
    if (found.message.file !== null) await this.#files.remove(meeting.id, found.message.file.id)
    return this.#now(meeting.id, id)
  }

  /** Add or take back a reaction. Throws ChatError InvalidArgument, MessageNotFound, TooManyRequests. */
  async react(meeting: Meeting, id: string, by: ChatPerson, text: string, on: boolean): Promise<StoredMessage> {
    const emoji = readEmoji(text)
    if (emoji === undefined) throw invalid('emoji', 'expected one emoji')
    const { message } = await this.#existing(meeting.id, id)
    const used = new Set(message.reactions.map((each) => each.emoji))
    if (on && !used.has(emoji) && used.size >= maxEmoji) throw invalid('emoji', `a message takes ${maxEmoji} different emoji`)
    this.#take('react', meeting.id, by)
    if (!(await this.#units.react(message, emoji, by, on, this.#clock.now()))) return message
    return this.#now(meeting.id, id)
  }

  async find(meetingId: string, id: string): Promise<StoredMessage | undefined> {
    return (await this.#store.find(meetingId, id))?.message
  }

  /** A page, newest first, and whether there is more behind it. `search` is compared without case and accents. */
  async list(range: MessageRange): Promise<{ messages: StoredMessage[]; more: boolean }> {
    const search = range.search === undefined ? undefined : foldText(range.search)
    const found = await this.#store.list({ ...range, search, limit: range.limit + 1 })
    return { messages: found.slice(0, range.limit), more: found.length > range.limit }
  }

  async hasWritten(meetingId: string, userId: string): Promise<boolean> {
    return this.#store.hasWritten(meetingId, userId)
  }

  async #insert(
    meetingId: string,
    from: ChatPerson,
    parts: Pick<StoredMessage, 'text' | 'html' | 'mentions' | 'replyTo' | 'file'> & { sha256: string | null },
  ): Promise<StoredMessage> {
    const { sha256, ...content } = parts
    for (let attempt = 0; attempt < idAttempts; attempt++) {
      const millis = await this.#nextId(meetingId, attempt > 0)
      const at = instantFromMillis(millis)
      const message: StoredMessage = {
        ...{ id: String(millis).padStart(13, '0'), meetingId, from, ...content, reactions: [] },
        ...{ createdAt: at, modifiedAt: at, editedAt: null, deletedAt: null },
      }
      if (await this.#units.insert(message, sha256, this.#allowance)) return message
      if (message.file !== null && !(await this.#hasRoom(meetingId, message.file.size))) throw noRoom()
    }
    throw new ChatError('TooManyRequests', { retryAfter: 1 })
  }

  /** What all files of a meeting may come to. */
  get #allowance(): { count: number; bytes: number } {
    return { count: maxFiles, bytes: this.#files.limit * meetingQuota }
  }

  async #hasRoom(meetingId: string, size: number): Promise<boolean> {
    const { count, bytes } = await this.#store.fileTotals(meetingId)
    return count < this.#allowance.count && bytes + size <= this.#allowance.bytes
  }

  /** The time as an id, or the one after the last: messages stay in the order they were taken, whatever the clock does. */
  async #nextId(meetingId: string, lost: boolean): Promise<number> {
    const stored = this.#lastIds.has(meetingId) && !lost ? 0 : await this.#store.lastId(meetingId)
    const last = Math.max(stored, this.#lastIds.get(meetingId) ?? 0)
    const id = Math.max(this.#clock.millis(), last + 1)
    this.#lastIds.delete(meetingId)
    this.#lastIds.set(meetingId, id)
    if (this.#lastIds.size > rememberedMeetings) this.#lastIds.delete(this.#lastIds.keys().next().value!)
    return id
  }

  async #existing(meetingId: string, id: string) {
    const found = await this.#store.find(meetingId, id)
    if (found === undefined || found.message.deletedAt !== null) throw new ChatError('MessageNotFound')
    return found
  }

  async #now(meetingId: string, id: string): Promise<StoredMessage> {
    const found = await this.#store.find(meetingId, id)
    if (found === undefined) throw new ChatError('MessageNotFound')
    return found.message
  }

  async #readReply(meetingId: string, replyTo: string | null | undefined): Promise<string | null> {
    if (replyTo == null) return null
    const found = await this.#store.find(meetingId, replyTo)
    if (found === undefined) throw invalid('replyTo', 'there is no such message')
    return replyTo
  }

  #take(kind: 'write' | 'react' | 'file', meetingId: string, from: ChatPerson): void {
    const key = `${meetingId}:${keyOf(from)}`
    const wait = this.#throttles[kind].take(key) || this.#throttles.meeting.take(meetingId)
    if (wait > 0) throw new ChatError('TooManyRequests', { retryAfter: wait })
  }
}

function noRoom(): ChatError {
  return new ChatError('TooLarge', { target: 'file', message: 'The chat of this meeting holds no more files.' })
}

function readBody(draft: MessageDraft, mayBeEmpty: boolean): { text: string; html: string | null } {
  if (draft.content.length > maxChatText * (draft.html === true ? 4 : 1))
    throw invalid('text', `is longer than ${maxChatText} characters`)
  const html = draft.html === true ? cleanHtml(draft.content) : null
  const text = html === null ? cleanText(draft.content) : textOfHtml(html)
  if (text.length > maxChatText) throw invalid('text', `is longer than ${maxChatText} characters`)
  if (!mayBeEmpty && isBlank(text)) throw invalid('text', 'must hold something that can be seen')
  return { text, html }
}

function readMentions(mentions: Mention[] = []): Mention[] {
  if (mentions.length > maxMentions) throw invalid('mentions', `has more than ${maxMentions} items`)
  const seen = new Set<string>()
  return mentions.filter(({ identity }) => !seen.has(identity) && seen.add(identity))
}
