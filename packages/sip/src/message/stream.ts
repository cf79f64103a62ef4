import { SipParseError } from './errors.ts'
import { limits } from './limits.ts'
import { contentLength, findHeadEnd, parseHead, skipLineEnds } from './parse.ts'

/**
 * Cuts a TCP or TLS byte stream into SIP messages by Content-Length (RFC 3261 section 18.3).
 * `push` returns whole messages. A stream that can no longer be cut throws SipParseError: close the connection.
 */
export class StreamFramer {
  #pending: Buffer = Buffer.alloc(0)
  #scanned = 0

  /** Bytes waiting for the rest of their message. */
  get pending(): number {
    return this.#pending.length
  }

  push(chunk: Buffer): Buffer[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: Buffer[] = []
    for (;;) {
      const message = this.#next()
      if (message === undefined) return messages
      messages.push(message)
    }
  }

  #next(): Buffer | undefined {
    this.#pending = this.#pending.subarray(skipLineEnds(this.#pending))
    if (this.#pending.length === 0) return undefined
    const end = findHeadEnd(this.#pending, Math.max(0, this.#scanned - 3))
    if (end === undefined) {
      this.#scanned = this.#pending.length
      if (this.#pending.length > limits.headBytes) throw new SipParseError('too-large')
      return undefined
    }
    const head = parseHead(this.#pending.subarray(0, end[1]))
    const length = contentLength(head.headers)
    // Without a length the next message cannot be found (section 20.14 requires it on streams).
    if (length === undefined) throw new SipParseError('content-length')
    if (length > limits.bodyBytes) throw new SipParseError('too-large')
    const total = end[1] + length
    if (this.#pending.length < total) return undefined
    const message = this.#pending.subarray(0, total)
    this.#pending = this.#pending.subarray(total)
    this.#scanned = 0
    return message
  }
}
