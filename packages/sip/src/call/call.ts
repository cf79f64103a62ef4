import { randomInt } from 'node:crypto'
import type { Dialog } from '../dialog/dialog.ts'
import { decideSessionTimer, type SessionTimerSettings } from '../dialog/session-timer.ts'
import { type CallInfo, type EndCode, endReasons, type RefusalCode, refusals } from '../events.ts'
import type { DigitMethod } from '../media/dtmf.ts'
import type { MediaLeg } from '../media/leg.ts'
import type { OutgoingResponse, SipRequest, SipResponse } from '../message/message.ts'
import { respond } from '../message/respond.ts'
import type { ClientHandler } from '../transaction/client.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { type SipTimers, TimerSet } from '../transaction/timers.ts'
import type { Flow } from '../transport/flow.ts'
import { allowed, inviteFault, supportedExtensions } from './incoming.ts'
import type { CallMedia } from './media.ts'
import type { CallMemory } from './memory.ts'
import type { PhoneCall } from './phone-call.ts'
import { SessionRefresher } from './refresher.ts'

/** What a call needs of its server. */
export interface CallContext {
  layer: TransactionLayer
  timers: SipTimers
  sessionTimer: SessionTimerSettings
  /** Our Contact towards this peer. */
  contact: string
  sentBy: string
  /** A flow to the peer when the one the call came over is gone. */
  reconnect(flow: Flow, target: string): Promise<Flow>
  /** Milliseconds without media before the peer is asked whether it is still there, and before the call is given up. */
  liveness: { probe: number; giveUp: number }
  answered(call: Call): void
  ended(call: Call, code: EndCode): void
  /** The INVITE was answered with an error. */
  refused(call: Call, code: RefusalCode, status: number): void
}

/** One call from a telephone: ringing until `answer` or `refuse`, then up until either side hangs up. */
export class Call implements PhoneCall {
  readonly info: CallInfo
  readonly media: CallMedia
  /** A key was pressed. The digit must not be logged. */
  onDigit: ((digit: string, method: DigitMethod) => void) | undefined
  /** The peer put the call on hold, or took it back. */
  onHold: ((held: boolean) => void) | undefined
  onEnd: ((code: EndCode) => void) | undefined
  readonly startedAt = performance.now()
  answeredAt: number | undefined
  #state: 'ringing' | 'answered' | 'confirmed' | 'ended' = 'ringing'
  #hangUpOnAck: EndCode | undefined
  #invite: ServerTransaction
  #pendingInvite: ServerTransaction | undefined
  #refreshing = false
  #flow: Flow
  readonly #dialog: Dialog
  readonly #context: CallContext
  readonly #timers = new TimerSet()
  readonly #session: SessionRefresher
  readonly #updates: boolean

  constructor(info: CallInfo, invite: ServerTransaction, dialog: Dialog, media: CallMedia, context: CallContext) {
    this.info = info
    this.media = media
    this.#invite = invite
    this.#flow = invite.flow
    this.#dialog = dialog
    this.#context = context
    this.#session = new SessionRefresher(
      this.#timers,
      () => this.#refresh(),
      () => this.hangUp('session-expired'),
    )
    this.#updates = SessionRefresher.takesUpdate(invite.request)
    invite.onCancel = () => this.#cancelled()
  }

  get state(): 'ringing' | 'answered' | 'confirmed' | 'ended' {
    return this.#state
  }

  get leg(): MediaLeg {
    return this.media.leg
  }

  /** What ends this call after a crash; undefined while it is not up. */
  get memory(): CallMemory | undefined {
    if (this.#state !== 'answered' && this.#state !== 'confirmed') return undefined
    const { protocol, remoteAddress: address, remotePort: port } = this.#flow
    return { dialog: this.#dialog.state, protocol, address, port }
  }

  get dialogKey(): string {
    return this.#dialog.key
  }

  /** Tell the caller that it rings. */
  ring(): void {
    if (this.#state === 'ringing') this.#respond(this.#invite, 180)
  }

  /** Take the call. */
  answer(): void {
    if (this.#state !== 'ringing') return
    const decision = decideSessionTimer(this.#invite.request, this.#context.sessionTimer)
    const headers: [string, string][] = decision.outcome === 'timer' ? decision.headers : []
    this.#state = 'answered'
    this.answeredAt = performance.now()
    this.#acceptInvite(this.#invite, this.media.description, headers)
    if (decision.outcome === 'timer') this.#session.start(decision.timer)
    this.#context.answered(this)
    this.#watch()
  }

  /** Turn the call away before it was answered. */
  refuse(status: number, code: RefusalCode, headers: [string, string][] = []): void {
    if (this.#state !== 'ringing') return
    this.#respond(this.#invite, status, { headers })
    this.#context.refused(this, code, status)
    this.#finish('hung-up')
  }

  /** End the call. */
  hangUp(code: EndCode = 'hung-up'): void {
    if (this.#state === 'ringing') {
      this.refuse(480, 'internal')
      return
    }
    if (this.#state === 'ended') return
    // Before the ACK the caller may not know the dialog yet (RFC 3261 section 15).
    if (this.#state === 'answered' && code !== 'not-acknowledged') {
      this.#hangUpOnAck = code
      return
    }
    void this.#request('BYE', [['Reason', endReasons[code]]], { response: () => {}, failed: () => {} })
    this.#finish(code)
  }

  /** A request inside the dialog. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    if (this.#state === 'ended') {
      this.#respond(transaction, 481)
      return
    }
    if (!this.#dialog.follow(request)) {
      this.#respond(transaction, 500, { headers: [['Retry-After', '1']] })
      return
    }
    this.#flow = transaction.flow
    switch (request.method) {
      case 'BYE':
        this.#respond(transaction, 200)
        if (this.#invite.pending) this.#respond(this.#invite, 487)
        this.#finish('caller-hung-up')
        return
      case 'INVITE':
        this.#reinvite(transaction)
        return
      case 'UPDATE':
        this.#update(transaction)
        return
      case 'INFO': {
        const known = request.body.length === 0 || this.leg.info(request.headers.get('Content-Type') ?? '', request.body)
        this.#respond(
          transaction,
          known ? 200 : 415,
          known ? {} : { headers: [['Accept', 'application/dtmf-relay, application/dtmf']] },
        )
        return
      }
      case 'OPTIONS':
        this.#respond(transaction, 200, {
          headers: [
            ['Allow', allowed],
            ['Accept', 'application/sdp'],
          ],
        })
        return
      default:
        this.#respond(transaction, 405, { headers: [['Allow', allowed]] })
    }
  }

  /** The ACK of one of our 2xx. */
  acknowledge(request: SipRequest): void {
    const transaction = this.#pendingInvite
    if (!transaction || transaction.request.cseq.number !== request.cseq.number) return
    this.#pendingInvite = undefined
    this.#timers.stop('ok')
    this.#timers.stop('no-ack')
    const usable = this.media.acknowledged(request.body)
    if (this.#state === 'answered') this.#state = 'confirmed'
    if (!usable) this.hangUp('answer-unusable')
    else if (this.#hangUpOnAck) this.hangUp(this.#hangUpOnAck)
  }

  #cancelled(): void {
    if (this.#state !== 'ringing') return
    this.#respond(this.#invite, 487)
    this.#finish('caller-cancelled')
  }

  #acceptInvite(transaction: ServerTransaction, body: Buffer, headers: [string, string][]): void {
    const response = this.#response(transaction.request, 200, {
      headers: [...headers, ['Content-Type', 'application/sdp']],
      body,
    })
    transaction.respond(response)
    this.#pendingInvite = transaction
    // Repeated on every transport: a hop further on may be UDP (section 13.3.1.4).
    const { t1, t2 } = this.#context.timers
    this.#timers.backoff('ok', t1, t2, () => transaction.respond(response))
    this.#timers.start('no-ack', 64 * t1, () => this.hangUp('not-acknowledged'))
  }

  #reinvite(transaction: ServerTransaction): void {
    const { request } = transaction
    if (this.#pendingInvite || this.#refreshing) {
      this.#respond(transaction, this.#refreshing ? 491 : 500, this.#refreshing ? {} : { headers: [['Retry-After', '1']] })
      return
    }
    const fault = inviteFault(request)
    if (fault) {
      this.#respond(transaction, refusals[fault.code][0], fault)
      return
    }
    const session = this.#takeRefresh(transaction)
    if (!session) return
    const wasHeld = this.leg.held
    const result = this.media.offered(request.body)
    if (!result.ok) {
      this.#respond(transaction, 488)
      return
    }
    this.#dialog.retarget(request.headers)
    this.#acceptInvite(transaction, result.description, session)
    if (this.leg.held !== wasHeld) this.onHold?.(this.leg.held)
  }

  #update(transaction: ServerTransaction): void {
    const session = this.#takeRefresh(transaction)
    if (!session) return
    const { request } = transaction
    if (request.body.length === 0) {
      this.#dialog.retarget(request.headers)
      this.#respond(transaction, 200, { headers: session })
      return
    }
    const wasHeld = this.leg.held
    const result = this.#pendingInvite ? undefined : this.media.offered(request.body)
    if (!result?.ok) {
      this.#respond(transaction, result ? 488 : 491)
      return
    }
    this.#dialog.retarget(request.headers)
    this.#respond(transaction, 200, { headers: [...session, ['Content-Type', 'application/sdp']], body: result.description })
    if (this.leg.held !== wasHeld) this.onHold?.(this.leg.held)
  }

  /** The session timer of a refresh: the headers to answer with, or nothing when it was refused. */
  #takeRefresh(transaction: ServerTransaction): [string, string][] | undefined {
    const decision = decideSessionTimer(transaction.request, this.#context.sessionTimer)
    if (decision.outcome === 'too-small') {
      this.#respond(transaction, 422, { headers: [['Min-SE', String(decision.minimum)]] })
      return undefined
    }
    this.#session.start(decision.outcome === 'timer' ? decision.timer : undefined)
    return decision.outcome === 'timer' ? decision.headers : []
  }

  #refresh(): void {
    if (this.#state !== 'confirmed' || this.#refreshing) return
    this.#refreshing = true
    const method = this.#updates ? 'UPDATE' : 'INVITE'
    const body = this.#updates ? Buffer.alloc(0) : this.media.repeat()
    const fields: [string, string][] = [['Contact', this.#context.contact], ['Allow', allowed], ...this.#session.headers()]
    if (body.length > 0) fields.push(['Content-Type', 'application/sdp'])
    const done = (again?: number) => {
      this.#refreshing = false
      if (again !== undefined && this.#state === 'confirmed') this.#timers.start('session', again, () => this.#refresh())
    }
    const failed = () => this.hangUp('session-expired')
    void this.#request(method, fields, { response: (response) => this.#refreshAnswered(response, method, done), failed }, body)
  }

  #refreshAnswered(response: SipResponse, method: string, done: (again?: number) => void): void {
    if (response.status < 200) return
    if (response.status < 300 && method === 'INVITE') {
      const ack = this.#dialog.request('ACK', [], Buffer.alloc(0), response.cseq.number)
      this.#context.layer.sendAck(ack, this.#flow, this.#context.sentBy)
    }
    if (response.status === 491) done(randomInt(2_100, 4_000))
    else if (response.status === 408 || response.status === 481) this.hangUp('session-expired')
    else done(this.#session.answered(response) ? 0 : undefined)
  }

  /** Ask the peer whether it is there when nothing is heard of it; give up when it stays silent. */
  #watch(): void {
    const { probe, giveUp } = this.#context.liveness
    this.#timers.start('watch', probe / 2, () => {
      if (this.#state === 'ended') return
      if (!this.leg.held && this.leg.idleMs > giveUp) {
        this.hangUp('media-timeout')
        return
      }
      if (this.leg.idleMs > probe) this.#probe()
      this.#watch()
    })
  }

  #probe(): void {
    const gone = () => this.hangUp('peer-gone')
    void this.#request('OPTIONS', [], {
      response: ({ status }) => void ((status === 481 || status === 408) && gone()),
      failed: gone,
    })
  }

  async #request(method: string, fields: [string, string][], handler: ClientHandler, body?: Buffer): Promise<void> {
    const request = this.#dialog.request(method, fields, body)
    try {
      if (!this.#flow.open) this.#flow = await this.#context.reconnect(this.#flow, this.#dialog.remoteTarget)
      this.#context.layer.send(request, this.#flow, handler, this.#context.sentBy)
    } catch {
      handler.failed('transport')
    }
  }

  #response(request: SipRequest, status: number, parts: { headers?: [string, string][]; body?: Buffer } = {}): OutgoingResponse {
    const headers: [string, string][] = [['Contact', this.#context.contact], ...(parts.headers ?? [])]
    if (status >= 200 && status < 300 && request.method === 'INVITE') {
      headers.push(['Allow', allowed], ['Supported', supportedExtensions.join(', ')])
    }
    return respond(request, status, { toTag: this.#dialog.localTag, headers, ...(parts.body ? { body: parts.body } : {}) })
  }

  #respond(transaction: ServerTransaction, status: number, parts: { headers?: [string, string][]; body?: Buffer } = {}): void {
    transaction.respond(this.#response(transaction.request, status, parts))
  }

  #finish(code: EndCode): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#timers.stopAll()
    const { onEnd } = this
    this.#context.ended(this, code)
    this.leg.close()
    onEnd?.(code)
  }
}
