import type { Clip } from './media/pcm.ts'

/** The languages prompts are recorded in. */
export type Language = 'en' | 'es'

/** What is known of a caller who has keyed in a passcode. The passcode must not be logged. */
export interface PhoneAttempt {
  passcode: string
  /** The caller's number as the trunk gave it, or `anonymous`. */
  caller: string
  callerName: string
  /** The number dialled. */
  dialled: string
  trunk: string
  lang: Language
  /** The call's SIP Call-ID, for logs. */
  callId: string
}

/** What the door says to a passcode. */
export type EnterResult =
  /** No meeting has that passcode; the caller may try again. */
  | { outcome: 'wrong' }
  /** Too many wrong passcodes from this trunk, caller or for this meeting; the call ends. */
  | { outcome: 'throttled' }
  | { outcome: 'entered'; entry: PhoneEntry }

/** Why a caller is not, or no longer, in the meeting. Each has a phrase of its own. */
export type CloseReason = 'denied' | 'wait-expired' | 'cancelled' | 'expired' | 'removed' | 'ended' | 'failed'

/** Why a caller waits. Each has a phrase of its own, which says what ends the waiting. */
export type WaitReason = 'lobby' | 'organizer' | 'not-started' | 'locked' | 'full' | 'invited' | 'organization'

/** Where a caller stands with the door. A caller may go from waiting to admitted and, say by a move to the lobby, back. */
export type PhoneState =
  | { state: 'waiting'; why: WaitReason }
  /** In: join this LiveKit room. `muted` starts the caller muted. */
  | { state: 'admitted'; url: string; token: string; muted?: boolean }
  | { state: 'closed'; reason: CloseReason }

/** Somebody else came or went. */
export interface Movement {
  kind: 'entry' | 'exit'
  /** What says who it was, at 8 kHz; nothing where the room hears a name the person spoke, or where no engine speaks. */
  spoken?: Clip
}

/** One caller at, and behind, the door. Implemented by Parley's server. */
export interface PhoneEntry {
  /** Whether the passcode was the leader's. */
  readonly leader: boolean
  /** Whether entries and exits are announced: then the caller is asked for a name. */
  readonly announce: boolean
  /** The state now, then every later one. Ends after `closed`, or when the signal aborts (the caller hung up). */
  states(signal: AbortSignal): AsyncIterable<PhoneState>
  /**
   * A fresh admission when the connection to the room broke: the door decides again, so that a caller removed in the
   * meantime stays out. Nothing when the caller is no longer admitted.
   */
  readmit(): Promise<{ url: string; token: string } | undefined>
  /** The name the caller spoke: 8 kHz mono PCM. */
  nameRecorded(name: Clip): void
  /** The others in the meeting, and the names of those who spoke one. */
  people(): Promise<{ others: number; names: readonly Clip[] }>
  /** Raise the hand, or lower it when it is up: how it is then, or that hands may not be raised now. */
  toggleHand(): Promise<'raised' | 'lowered' | 'forbidden'>
  /** Whether the caller may open the microphone now. */
  mayUnmute(): Promise<boolean>
  /** Leaders: let in everyone who waits; how many. */
  admitWaiting(): Promise<number>
  /** Leaders: resolves each time someone begins to wait. Others: never. */
  someoneWaits(signal: AbortSignal): AsyncIterable<void>
  /** The others' comings and goings, where they are announced. Ends when the signal aborts. */
  movements(signal: AbortSignal): AsyncIterable<Movement>
  /** The caller is gone, for whatever reason. Called once, last. */
  leave(): Promise<void>
}

/** The one door of the meetings, as telephones see it. Implemented by Parley's server. */
export interface PhoneDoor {
  /** How many digits every passcode has, when they all have as many: then nobody needs to press hash. */
  readonly passcodeLength?: number
  enter(attempt: PhoneAttempt): Promise<EnterResult>
}
