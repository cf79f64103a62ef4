import type { StoredMessage } from './message.ts'

/** A message that was written, edited, reacted to or deleted. To show it to somebody: `toView(message, viewer)`. */
export interface ChatEvent {
  type: 'message' | 'updated' | 'deleted'
  message: StoredMessage
}

type ChatListener = (meetingId: string, event: ChatEvent) => void

/** Tells every part of the server what happens in chats. In this process only. */
export class ChatEvents {
  readonly #listeners = new Set<ChatListener>()

  /** Be told of every event, in order. Returns the way to stop. A listener must not throw. */
  on(listener: ChatListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(meetingId: string, event: ChatEvent): void {
    for (const listener of this.#listeners) listener(meetingId, event)
  }
}
