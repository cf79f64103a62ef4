import type { Instant } from '../common/instant.ts'

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
 * What happens to a meeting's call while it goes on. Emitted from the reconciled state of who is there (never a
 * `callEnded` without a `callStarted`).
 */
export type CallEvent =
  /** `resumed`: told once more after a start of the server, of a call that goes on from before. */
  | { kind: 'callStarted'; at: Instant; callId: string; resumed?: true }
  | { kind: 'callEnded'; at: Instant; callId: string }
  | { kind: 'rosterUpdated'; at: Instant; callId: string; joined: RosterMember[]; left: RosterMember[] }

type CallListener = (meetingId: string, event: CallEvent) => void

/** Tells every part of the server what happens in calls. In this process only. */
export class CallEvents {
  readonly #listeners = new Set<CallListener>()
  readonly #live = new Set<string>()

  /** Be told of every event, in order. Returns the way to stop. A listener must not throw. */
  on(listener: CallListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(meetingId: string, event: CallEvent): void {
    if (event.kind === 'callStarted') this.#live.add(meetingId)
    if (event.kind === 'callEnded') this.#live.delete(meetingId)
    for (const listener of this.#listeners) listener(meetingId, event)
  }

  /** Whether a call is going on in the meeting's room. */
  isLive(meetingId: string): boolean {
    return this.#live.has(meetingId)
  }
}
