import { SipParseError } from './errors.ts'
import { findHeadEnd, parseHead, skipLineEnds } from './head.ts'
import { type MessageLimits, peerLimits } from './limits.ts'
import { contentLength } from './parse.ts'

/**
 * Cuts a TCP or TLS byte stream into SIP messages by Content-Length (RFC 3261 section 18.3), one at a time and only when
 * asked. However small the pieces that come, each byte is copied and looked at a fixed number of times.
 * A stream that can no longer be cut throws SipParseError: close the connection.
 */
export class StreamFramer {
  readonly #limits: () => MessageLimits
  /** What has come and was not given out lies in `#data` from `#start` to `#end`. */
  #data: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  /** How much of what waits has been searched for the end of the head. */
  #scanned = 0
  /** Length of the message that waits, once its head has been read. */
  #length: number | undefined

  /** `limits` is asked anew for each message: whoever gets a call up may send longer ones. */
  constructor(limits: () => MessageLimits = () => peerLimits) {
    this.#limits = limits
  }

  /** Bytes waiting for the rest of their message. */
  get pending(): number {
    return this.#end - this.#start
  }

  /** Take what came. */
  push(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#data.length) this.#grow(chunk.length)
    chunk.copy(this.#data, this.#end)
    this.#end += chunk.length
  }

  /** The next whole message; nothing while it is incomplete. */
  next(): Buffer | undefined {
    const limits = this.#limits()
    this.#length ??= this.#measure(limits)
    const length = this.#length
    if (length === undefined || this.pending < length) return undefined
    const message = Buffer.from(this.#waiting.subarray(0, length))
    this.#start += length
    this.#scanned = 0
    this.#length = undefined
    if (this.#start === this.#end) this.#reset()
    return message
  }

  get #waiting(): Buffer {
    return this.#data.subarray(this.#start, this.#end)
  }

  /** How long the message is that waits; nothing while its head is incomplete. */
  #measure(limits: MessageLimits): number | undefined {
    if (this.#scanned === 0) this.#start += skipLineEnds(this.#waiting)
    const waiting = this.#waiting
    if (waiting.length === 0) {
      this.#reset()
      return undefined
    }
    const end = findHeadEnd(waiting, Math.max(0, this.#scanned - 3))
    if (end === undefined) {
      this.#scanned = waiting.length
      if (waiting.length > limits.headBytes) throw new SipParseError('too-large')
      return undefined
    }
    const { headers } = parseHead(waiting.subarray(0, end[1]), limits)
    const length = contentLength(headers)
    // Without a length the next message cannot be found (section 20.14 requires it on streams).
    if (length === undefined) throw new SipParseError('content-length')
    if (length > limits.bodyBytes) throw new SipParseError('too-large')
    return end[1] + length
  }

  /** Room for more: what waits moves to the front of twice the space, so that all moves together copy each byte twice. */
  #grow(more: number): void {
    const waiting = this.#waiting
    const data = Buffer.allocUnsafe(2 * (waiting.length + more))
    waiting.copy(data)
    this.#data = data
    this.#start = 0
    this.#end = waiting.length
  }

  #reset(): void {
    this.#data = Buffer.alloc(0)
    this.#start = 0
    this.#end = 0
    this.#scanned = 0
  }
}
