import type { OutgoingResponse, SipRequest } from '../message/message.ts'
import { serialize } from '../message/serialize.ts'
import type { Flow } from '../transport/flow.ts'
import { type SipTimers, TimerSet } from './timers.ts'

export type ServerState = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated'

/**
 * A server transaction (RFC 3261 sections 17.2.1 and 17.2.2, with RFC 6026's Accepted state).
 * The user of it answers with `respond`; retransmissions, ACK and timers are handled here.
 */
export class ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  /** Called when a CANCEL came for it and no final response had been sent. */
  onCancel: (() => void) | undefined
  /** Called when an error response to an INVITE was never acknowledged, or when it ends otherwise. */
  onEnd: ((acknowledged: boolean) => void) | undefined
  /** For the layer that keeps it. */
  onForget: (() => void) | undefined
  state: ServerState
  #last: Buffer | undefined
  readonly #timers = new TimerSet()
  readonly #times: SipTimers
  readonly #reliable: boolean
  readonly #reply: (data: Buffer) => void

  constructor(request: SipRequest, flow: Flow, reply: (data: Buffer) => void, times: SipTimers) {
    this.request = request
    this.flow = flow
    this.#reply = reply
    this.#times = times
    this.#reliable = flow.protocol !== 'udp'
    this.state = request.method === 'INVITE' ? 'proceeding' : 'trying'
  }

  /** True until a final response has been given. */
  get pending(): boolean {
    return this.state === 'trying' || this.state === 'proceeding'
  }

  /** Send a response. After a final one only repeated 2xx to an INVITE still go out; others are ignored. */
  respond(response: OutgoingResponse): void {
    const invite = this.request.method === 'INVITE'
    if (!this.pending && !(invite && this.state === 'accepted' && response.status < 300)) return
    const data = serialize(response)
    this.#last = data
    this.#reply(data)
    if (response.status < 200) {
      this.state = 'proceeding'
      return
    }
    if (this.state === 'accepted') return
    const { t1, t2 } = this.#times
    if (!invite) {
      this.state = 'completed'
      this.#timers.start('J', this.#reliable ? 0 : 64 * t1, () => this.#end(true))
    } else if (response.status < 300) {
      this.state = 'accepted'
      this.#timers.start('L', 64 * t1, () => this.#end(true))
    } else {
      this.state = 'completed'
      if (!this.#reliable) this.#timers.backoff('G', t1, t2, () => this.#reply(data))
      this.#timers.start('H', 64 * t1, () => this.#end(false))
    }
  }

  /** The same request again: repeat the last response, if any. */
  retransmitted(): void {
    // In Accepted the dialog repeats its own 2xx until the ACK (RFC 6026 section 7.1).
    if (this.#last && this.state !== 'accepted' && this.state !== 'confirmed') this.#reply(this.#last)
  }

  /** An ACK for a final response other than 2xx. */
  acknowledged(): void {
    if (this.state !== 'completed') return
    this.state = 'confirmed'
    this.#timers.stopAll()
    this.#timers.start('I', this.#reliable ? 0 : this.#times.t4, () => this.#end(true))
  }

  /** Stop every timer and forget it. */
  terminate(): void {
    this.#end(true)
  }

  #end(acknowledged: boolean): void {
    if (this.state === 'terminated') return
    this.state = 'terminated'
    this.#timers.stopAll()
    this.onForget?.()
    this.onEnd?.(acknowledged)
  }
}
