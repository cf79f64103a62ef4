import type { ConnectRoom } from '../bridge/room.ts'
import type { PhoneCall } from '../call/phone-call.ts'
import type { Language, PhoneDoor, PhoneEntry } from '../door.ts'
import type { Beat } from '../media/clock.ts'
import type { Line } from '../media/line.ts'
import type { Clip } from '../media/pcm.ts'
import type { Keypad } from './keypad.ts'
import type { Phrase, Prompts } from './prompts.ts'

/** What every part of the dial-in needs. */
export interface DialInContext {
  door: PhoneDoor
  prompts: Prompts
  clock: Beat
  connect: ConnectRoom
  /** A fault of ours, for the log. */
  fault(error: Error): void
}

/** One caller on the line. */
export interface CallSession {
  readonly context: DialInContext
  readonly call: PhoneCall
  readonly line: Line
  readonly keypad: Keypad
  /** Aborted when the call is over. */
  readonly gone: AbortSignal
  lang: Language
}

/** One caller past the passcode. */
export interface AdmittedSession extends CallSession {
  readonly entry: PhoneEntry
  /** The name the caller spoke, if any. */
  readonly name: Clip | undefined
}

/** Say phrases one after another; a key stops them when `interruptible`, also one pressed before. False when stopped. */
export async function say(session: CallSession, names: readonly (Phrase | Clip)[], interruptible = false): Promise<boolean> {
  if (interruptible && session.keypad.pending) return false
  const clips = names.map((name) => (typeof name === 'string' ? session.context.prompts.clip(session.lang, name) : name))
  if (interruptible) session.keypad.onPress = () => session.line.stop()
  const whole = await session.line.play(clips)
  session.keypad.onPress = undefined
  return whole
}
