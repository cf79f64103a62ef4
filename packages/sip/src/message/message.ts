import type { NameAddr } from './address.ts'
import type { Headers } from './headers.ts'
import type { Via } from './via.ts'

/** What an incoming message must have for anyone to act on it, read once at the edge. */
interface Core {
  headers: Headers
  body: Buffer
  via: Via
  from: NameAddr
  to: NameAddr
  callId: string
  cseq: { number: number; method: string }
}

/** A request as it came in. */
export interface SipRequest extends Core {
  kind: 'request'
  method: string
  uri: string
}

/** A response as it came in. */
export interface SipResponse extends Core {
  kind: 'response'
  status: number
  reason: string
}

export type SipMessage = SipRequest | SipResponse

/** A request to send. */
export interface OutgoingRequest {
  kind: 'request'
  method: string
  uri: string
  headers: Headers
  body: Buffer
}

/** A response to send. */
export interface OutgoingResponse {
  kind: 'response'
  status: number
  reason: string
  headers: Headers
  body: Buffer
}

export type OutgoingMessage = OutgoingRequest | OutgoingResponse
