import type { StoredMessage } from '../chat/message.ts'
import type { Instant } from '../time/instant.ts'

/** Somebody in a call, as events name them. */
export interface RosterMember {
  /** The LiveKit identity. */
  identity: string
  name: string
  /** Object id of a signed-in person of the directory. */
  userId: string | null
  role: 'organizer' | 'coorganizer' | 'presenter' | 'attendee'
  phone: boolean
}

/**
 * What happens in a meeting while it goes on. The door emits the first three from its reconciled state (never a
 * `callEnded` without a `callStarted`); the chat emits the last.
 */
export type RoomEvent =
  /** `resumed`: told once more after a start of the server, of a call that goes on from before. */
  | { kind: 'callStarted'; at: Instant; callId: string; resumed?: true }
  | { kind: 'callEnded'; at: Instant; callId: string }
  | { kind: 'rosterUpdated'; at: Instant; callId: string; joined: RosterMember[]; left: RosterMember[] }
  /** To show it to somebody: `toView(message, viewer)` of chat/message.ts. */
  | { kind: 'chat'; type: 'message' | 'updated' | 'deleted'; message: StoredMessage }

export type RoomListener = (meetingId: string, event: RoomEvent) => void

/** Tells every part of the server what happens in the rooms. In this process only. */
export class RoomEvents {
  readonly #listeners = new Set<RoomListener>()
  readonly #live = new Set<string>()

  /** Be told of every event, in order. Returns the way to stop. A listener must not throw. */
  on(listener: RoomListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(meetingId: string, event: RoomEvent): void {
    if (event.kind === 'callStarted') this.#live.add(meetingId)
    if (event.kind === 'callEnded') this.#live.delete(meetingId)
    for (const listener of this.#listeners) listener(meetingId, event)
  }

  /** Whether a call is going on in the meeting's room. */
  isLive(meetingId: string): boolean {
    return this.#live.has(meetingId)
  }
}
