import type { CallInfo, EndCode, RefusalCode } from '../events.ts'
import type { DigitMethod } from '../media/dtmf.ts'

/** A call as whoever talks to the caller sees it; `Call` is the one over SIP. */
export interface PhoneCall {
  readonly info: CallInfo
  readonly state: 'ringing' | 'answered' | 'confirmed' | 'ended'
  /** The sound: 20 ms frames at `rate`, which is 0 until the media are agreed. */
  readonly leg: { readonly rate: number; pull(): Int16Array; send(pcm: Int16Array | undefined): void }
  onDigit: ((digit: string, method: DigitMethod) => void) | undefined
  onEnd: ((code: EndCode) => void) | undefined
  ring(): void
  answer(): void
  refuse(status: number, code: RefusalCode): void
  hangUp(): void
}
