import type { ConnectRoom } from '../bridge/room.ts'
import type { PhoneCall } from '../call/phone-call.ts'
import type { Language, PhoneDoor, PhoneEntry } from '../door.ts'
import type { Beat } from '../media/clock.ts'
import type { Clip } from '../media/pcm.ts'
import type { Keypad } from './keypad.ts'
import type { Line } from './line.ts'
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
export interface Visit {
  readonly context: DialInContext
  readonly call: PhoneCall
  readonly line: Line
  readonly keypad: Keypad
  /** Aborted when the call is over. */
  readonly gone: AbortSignal
  lang: Language
}

/** One caller past the passcode. */
export interface AdmittedVisit extends Visit {
  readonly entry: PhoneEntry
  /** The name the caller spoke, if any. */
  readonly name: Clip | undefined
}

/** Say phrases one after another; a key stops them when `interruptible`, also one pressed before. False when stopped. */
export async function say(visit: Visit, names: readonly (Phrase | Clip)[], interruptible = false): Promise<boolean> {
  if (interruptible && visit.keypad.pending) return false
  const clips = names.map((name) => (typeof name === 'string' ? visit.context.prompts.clip(visit.lang, name) : name))
  if (interruptible) visit.keypad.onPress = () => visit.line.stop()
  const whole = await visit.line.play(clips)
  visit.keypad.onPress = undefined
  return whole
}
