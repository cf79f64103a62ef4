import { InbandDtmf } from './dtmf-inband.ts'

/** The keys by their event codes (RFC 4733 section 3.2). */
export const eventKeys = '0123456789*#ABCD'

/** One telephone-event payload (RFC 4733 section 2.3). */
export interface TelephoneEvent {
  digit: string
  end: boolean
  /** In timestamp units. */
  duration: number
}

/** Read a telephone-event payload; nothing for events that are not digits. */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  if (payload.length < 4) return undefined
  const digit = eventKeys[payload[0]!]
  if (digit === undefined) return undefined
  return { digit, end: (payload[1]! & 0x80) !== 0, duration: (payload[2]! << 8) | payload[3]! }
}

/** The digits of a SIP INFO body: application/dtmf-relay (`Signal=5`) or application/dtmf (`5`). */
export function parseInfoDigit(contentType: string, body: Buffer): string | undefined {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  const text = body.toString('latin1', 0, 256)
  const raw = type === 'application/dtmf-relay' ? signalOf(text) : type === 'application/dtmf' ? text.trim() : undefined
  if (raw === undefined) return undefined
  const digit = /^1[01]$/.test(raw) ? (raw === '10' ? '*' : '#') : raw.toUpperCase()
  return digit.length === 1 && eventKeys.includes(digit) ? digit : undefined
}

function signalOf(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.split('=', 2)
    if (name.trim().toLowerCase() === 'signal') return value.trim().split(' ', 1)[0]
  }
  return undefined
}

export type DigitMethod = 'rfc4733' | 'info' | 'inband'

/**
 * Joins the three ways a press can arrive into one stream of digits. Once a peer has shown that it signals digits
 * out of band, tones in its audio are no longer counted: they are the same presses heard twice.
 */
export class DigitReceiver {
  readonly #digit: (digit: string, method: DigitMethod) => void
  readonly #inband = new InbandDtmf((digit) => this.#heard(digit))
  #lastEvent: number | undefined
  #outOfBand = false
  #lastHeard = { digit: '', at: Number.NEGATIVE_INFINITY }

  constructor(digit: (digit: string, method: DigitMethod) => void) {
    this.#digit = digit
  }

  /** A telephone-event packet: every press comes many times with one timestamp. */
  event(payload: Uint8Array, timestamp: number): void {
    const event = parseTelephoneEvent(payload)
    if (!event || this.#lastEvent === timestamp) return
    // A reordered packet of an older press is no new press.
    if (this.#lastEvent !== undefined && ((timestamp - this.#lastEvent) | 0) < 0) return
    this.#lastEvent = timestamp
    this.#signalled(event.digit, 'rfc4733')
  }

  info(contentType: string, body: Buffer): boolean {
    const digit = parseInfoDigit(contentType, body)
    if (digit !== undefined) this.#signalled(digit, 'info')
    return digit !== undefined
  }

  /** Audio at 8 kHz as it came from the line, concealment included. */
  audio(pcm: Int16Array): void {
    if (!this.#outOfBand) this.#inband.push(pcm)
  }

  #signalled(digit: string, method: DigitMethod): void {
    this.#outOfBand = true
    const repeated = this.#lastHeard.digit === digit && performance.now() - this.#lastHeard.at < 500
    this.#lastHeard = { digit: '', at: Number.NEGATIVE_INFINITY }
    if (!repeated) this.#digit(digit, method)
  }

  #heard(digit: string): void {
    this.#lastHeard = { digit, at: performance.now() }
    this.#digit(digit, 'inband')
  }
}
