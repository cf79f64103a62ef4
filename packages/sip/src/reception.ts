import { createHmac, randomBytes } from 'node:crypto'
import { type RefusalCode, refusals, type SipEmitter } from './events.ts'
import { parseAddress } from './message/address.ts'
import { SipParseError } from './message/errors.ts'
import { type Head, parseHead } from './message/head.ts'
import { Headers } from './message/headers.ts'
import { peerLimits, strangerLimits } from './message/limits.ts'
import type { SipRequest } from './message/message.ts'
import { finishMessage, parseRequestLine } from './message/parse.ts'
import { respondToHeaders } from './message/respond.ts'
import { serialize } from './message/serialize.ts'
import { userOf } from './message/uri.ts'
import { newTag, replyTo, type TransactionLayer } from './transaction/layer.ts'
import type { Flow } from './transport/flow.ts'
import type { TrunkDirectory } from './trunk/directory.ts'

/** What is told of a request that was refused. */
export type RefusedRequest = Pick<SipRequest, 'headers' | 'from' | 'uri' | 'callId'>

/** What reading messages needs of its server. */
export interface ReceptionContext {
  directory: TrunkDirectory
  layer: TransactionLayer
  events: SipEmitter
  /** Whether messages from there belong to a trunk by their address, or to somebody who has a call up. */
  isKnown(address: string): boolean
  refused(code: RefusalCode, status: number, request: RefusedRequest, flow: Flow): void
}

/** Reads what comes in, of strangers only as much as is needed to refuse them, and hands it to the transactions. */
export class Reception {
  readonly #context: ReceptionContext
  readonly #tagSecret = randomBytes(32)

  constructor(context: ReceptionContext) {
    this.#context = context
  }

  /** Take a datagram, or a message cut from a stream. */
  receive(data: Buffer, flow: Flow): void {
    const isKnown = this.#context.isKnown(flow.remoteAddress)
    let head: Head | undefined
    try {
      head = parseHead(data, isKnown ? peerLimits : strangerLimits)
      if (!isKnown && !this.#mayConcernUs(head)) {
        this.#turnAway(head, flow)
        return
      }
      const message = finishMessage(head, data.subarray(head.bodyStart))
      if (message.kind === 'response') this.#context.layer.receiveResponse(message)
      else this.#context.layer.receiveRequest(message, flow)
    } catch (error) {
      if (error instanceof SipParseError) this.#malformed(error, head, flow)
      else this.#context.events.tell('fault', error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Whether a message of a stranger can be anything but refused: it answers us, is part of a call, or may bring credentials. */
  #mayConcernUs(head: Head): boolean {
    if (head.isResponse || this.#context.directory.takesCredentials) return true
    if (head.headers.get('To')?.toLowerCase().includes('tag')) return true
    return this.#context.directory.isContact(userOf(parseRequestLine(head.startLine).uri))
  }

  /** Refuse a stranger's request without reading further and without keeping anything of it (RFC 3261 section 8.2.7). */
  #turnAway(head: Head, flow: Flow): void {
    const { method, uri } = parseRequestLine(head.startLine)
    if (method === 'ACK') return
    const code = 'unknown-source'
    const [status] = refusals[code]
    const response = respondToHeaders(head.headers, status, { toTag: this.#statelessTag(head) })
    replyTo(head, flow)(serialize(response))
    if (method !== 'INVITE') return
    const from = parseAddress(head.headers.get('From') ?? '', 'From')
    const request = { headers: head.headers, from, uri, callId: head.headers.get('Call-ID') ?? '' }
    this.#context.refused(code, status, request, flow)
  }

  /** A To tag that is the same each time the same request comes. */
  #statelessTag({ headers }: Head): string {
    const of = ['Via', 'Call-ID', 'From', 'CSeq'].map((name) => headers.get(name) ?? '').join('\n')
    return createHmac('sha256', this.#tagSecret).update(of, 'latin1').digest('hex').slice(0, 16)
  }

  /** A broken request is answered when its Via can be read; a broken response, ACK or anything else is dropped. */
  #malformed(error: SipParseError, head: Head | undefined, flow: Flow): void {
    this.#context.events.tell('malformed', { code: error.code, source: flow.remoteAddress, protocol: flow.protocol })
    if (!head || head.isResponse || head.startLine.startsWith('ACK ')) return
    // Who may be anybody is not told what was wrong: the answer to a forged address would go to somebody else.
    if (!this.#context.directory.isTrusted(flow.remoteAddress)) return
    const { headers } = head
    const echo = new Headers()
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) for (const value of headers.all(name)) echo.add(name, value)
    try {
      replyTo(head, flow)(serialize(respondToHeaders(echo, error.status, { reason: error.message, toTag: newTag() })))
    } catch (unreadable) {
      if (!(unreadable instanceof SipParseError)) throw unreadable
    }
  }
}
