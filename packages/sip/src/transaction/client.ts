import { Headers } from '../message/headers.ts'
import type { OutgoingRequest, SipResponse } from '../message/message.ts'
import { serialize } from '../message/serialize.ts'
import type { Flow } from '../transport/flow.ts'
import { type SipTimers, TimerSet } from './timers.ts'

/** Why a request got no answer. */
export type ClientFailure = 'timeout' | 'transport'

export interface ClientHandler {
  /** Every provisional response, and the final one; for an INVITE also each repeated 2xx. */
  response(response: SipResponse): void
  failed(failure: ClientFailure): void
}

/** A client transaction (RFC 3261 sections 17.1.1 and 17.1.2, with RFC 6026's Accepted state). */
export class ClientTransaction {
  readonly request: OutgoingRequest
  readonly flow: Flow
  onEnd: (() => void) | undefined
  state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated' = 'calling'
  readonly #handler: ClientHandler
  readonly #timers = new TimerSet()
  readonly #times: SipTimers
  readonly #reliable: boolean

  constructor(request: OutgoingRequest, flow: Flow, handler: ClientHandler, times: SipTimers) {
    this.request = request
    this.flow = flow
    this.#handler = handler
    this.#times = times
    this.#reliable = flow.protocol !== 'udp'
  }

  get #invite(): boolean {
    return this.request.method === 'INVITE'
  }

  /** Send the request and start its timers. */
  start(): void {
    const data = serialize(this.request)
    const { t1, t2 } = this.#times
    if (!this.flow.open) {
      // Later, so that the caller has the transaction before it hears of its end.
      this.#timers.start('transport', 0, () => this.#fail('transport'))
      return
    }
    this.flow.send(data)
    if (!this.#reliable) this.#timers.backoff('retransmit', t1, this.#invite ? 64 * t1 : t2, () => this.flow.send(data))
    this.#timers.start('timeout', 64 * t1, () => this.#fail('timeout'))
  }

  /** A response that belongs to it. */
  receive(response: SipResponse): void {
    if (this.state === 'terminated') return
    if (response.status < 200) {
      if (this.state !== 'calling' && this.state !== 'proceeding') return
      this.state = 'proceeding'
      if (this.#invite) {
        this.#timers.stop('retransmit')
        this.#timers.stop('timeout')
      }
      this.#handler.response(response)
      return
    }
    const first = this.state === 'calling' || this.state === 'proceeding'
    if (this.#invite) this.#receiveInviteFinal(response, first)
    else if (first) {
      this.#complete(this.#times.t4)
      this.#handler.response(response)
    }
  }

  #receiveInviteFinal(response: SipResponse, first: boolean): void {
    if (response.status >= 300) {
      if (this.state === 'accepted') return
      this.flow.send(serialize(this.#ack(response)))
      if (!first) return
      this.#complete(64 * this.#times.t1)
      this.#handler.response(response)
      return
    }
    if (!first && this.state !== 'accepted') return
    if (first) {
      this.state = 'accepted'
      this.#timers.stopAll()
      this.#timers.start('M', 64 * this.#times.t1, () => this.terminate())
    }
    this.#handler.response(response)
  }

  #complete(linger: number): void {
    this.state = 'completed'
    this.#timers.stopAll()
    this.#timers.start('linger', this.#reliable ? 0 : linger, () => this.terminate())
  }

  #ack(response: SipResponse): OutgoingRequest {
    const { headers } = this.request
    const ack = new Headers()
    ack.add('Via', headers.get('Via') ?? '')
    for (const route of headers.all('Route')) ack.add('Route', route)
    ack.add('Max-Forwards', '70')
    ack.add('From', headers.get('From') ?? '')
    ack.add('To', response.headers.get('To') ?? '')
    ack.add('Call-ID', headers.get('Call-ID') ?? '')
    ack.add('CSeq', `${(headers.get('CSeq') ?? '').split(' ', 1)[0]} ACK`)
    return { kind: 'request', method: 'ACK', uri: this.request.uri, headers: ack, body: Buffer.alloc(0) }
  }

  #fail(failure: ClientFailure): void {
    if (this.state === 'terminated') return
    this.terminate()
    this.#handler.failed(failure)
  }

  /** Stop every timer and forget it. */
  terminate(): void {
    if (this.state === 'terminated') return
    this.state = 'terminated'
    this.#timers.stopAll()
    this.onEnd?.()
  }
}
