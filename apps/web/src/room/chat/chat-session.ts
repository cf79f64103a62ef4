import type { ChatMessage, DoorEvents } from '@parley/door-api'
import type { DoorClient } from '../../door/client.ts'
import { createStore } from '../../lib/store.ts'

type ChatState = {
  messages: ChatMessage[]
  more: boolean
  loaded: boolean
  unread: number
  open: boolean
}

/** Messages by time, each once; the newer copy of a message replaces the older. */
export function merge(now: ChatMessage[], come: ChatMessage[]): ChatMessage[] {
  const all = new Map(now.map((message) => [message.id, message]))
  for (const message of come) all.set(message.id, message)
  return [...all.values()].sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1))
}

/** The meeting's chat as this page knows it: history, live changes, and how many are unread. */
export class ChatSession {
  readonly store = createStore<ChatState>({ messages: [], more: false, loaded: false, unread: 0, open: false })
  readonly #client: DoorClient

  constructor(client: DoorClient) {
    this.#client = client
  }

  /** Read the newest messages; called again after a lost connection to catch up. */
  async load(): Promise<void> {
    const { messages, more } = await this.#client.messages()
    this.store.set((now) => ({ messages: merge(now.messages, messages), more: now.loaded ? now.more : more, loaded: true }))
  }

  async loadEarlier(): Promise<void> {
    const first = this.store.get().messages[0]
    const { messages, more } = await this.#client.messages(first?.id)
    this.store.set((now) => ({ messages: merge(now.messages, messages), more }))
  }

  setOpen(open: boolean): void {
    this.store.set((now) => ({ open, unread: open ? 0 : now.unread }))
  }

  /** A live change from the event stream; true when it is news to this person. */
  take({ type, message }: DoorEvents['chat']): boolean {
    const { messages, open } = this.store.get()
    const known = messages.some((one) => one.id === message.id)
    const shown = type === 'deleted' ? { ...message, deleted: true } : message
    const news = type === 'message' && !known && !message.from.you
    this.store.set((now) => ({ messages: merge(now.messages, [shown]), unread: news && !open ? now.unread + 1 : now.unread }))
    return news
  }

  async say(text: string, replyTo: string | undefined, mentions: string[]): Promise<void> {
    this.take({ type: 'message', message: await this.#client.say(text, replyTo, mentions) })
  }

  async sendFile(file: File): Promise<void> {
    this.take({ type: 'message', message: await this.#client.sendFile(file) })
  }
}
