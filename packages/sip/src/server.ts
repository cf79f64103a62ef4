import { isIP } from 'node:net'
import { Call } from './call/call.ts'
import { allowed, callerOf, inviteFault, supportedExtensions } from './call/incoming.ts'
import { CallMedia } from './call/media.ts'
import type { CallMemory } from './call/memory.ts'
import { Dialog, dialogKey } from './dialog/dialog.ts'
import { decideSessionTimer, defaultSessionTimer } from './dialog/session-timer.ts'
import { type CallInfo, lostReason, type RefusalCode, refusals, SipEmitter } from './events.ts'
import type { CodecName } from './media/codec.ts'
import { MediaLeg } from './media/leg.ts'
import { PortPool } from './media/ports.ts'
import { SipParseError } from './message/errors.ts'
import { peerLimits, strangerLimits } from './message/limits.ts'
import type { SipRequest } from './message/message.ts'
import { respond } from './message/respond.ts'
import { bareHost } from './message/scan.ts'
import { parseUri, userOf } from './message/uri.ts'
import type { SipServerOptions } from './options.ts'
import { Reception, type RefusedRequest } from './reception.ts'
import { newTag, TransactionLayer } from './transaction/layer.ts'
import type { ServerTransaction } from './transaction/server.ts'
import { rfcTimers } from './transaction/timers.ts'
import type { Flow, Protocol } from './transport/flow.ts'
import { Guard } from './transport/guard.ts'
import { Listeners } from './transport/listeners.ts'
import { TrunkDirectory } from './trunk/directory.ts'
import { Registration } from './trunk/registration.ts'
import { resolveServer } from './trunk/resolve.ts'
import type { Trunk } from './trunk/trunk.ts'

const allCodecs: readonly CodecName[] = ['opus', 'PCMU', 'PCMA']

/** How long peers may take to answer that their calls have ended when the server is closed. */
const byeMs = 2_000

/** A SIP user agent server (RFC 3261): takes calls from its trunks and refuses all others. */
export class SipServer {
  readonly events = new SipEmitter()
  readonly #options: SipServerOptions
  readonly #layer: TransactionLayer
  readonly #guard: Guard
  readonly #directory: TrunkDirectory
  readonly #calls = new Map<string, Call>()
  readonly #invites = new Set<string>()
  /** Calls by the address they came from: who has got in may send as much as a call needs. */
  readonly #sources = new Map<string, number>()
  readonly #registrations: Registration[] = []
  readonly #ports: PortPool
  readonly #reception: Reception
  #listeners!: Listeners
  #closing = false

  private constructor(options: SipServerOptions) {
    this.#options = options
    this.#directory = new TrunkDirectory(options.trunks, options.realm ?? 'sip', options.digest)
    this.#guard = new Guard(
      (address) => this.#isKnown(address),
      (source) => this.events.tell('flood', { source }),
      options.guard,
    )
    this.#layer = new TransactionLayer(
      {
        request: (transaction) => this.#request(transaction),
        ack: (request) => this.#callOf(request)?.acknowledge(request),
        overloaded: (request, flow) => this.#tellRefused('overloaded', 503, request, flow),
      },
      options.timers ?? rfcTimers,
    )
    this.#reception = new Reception({
      directory: this.#directory,
      layer: this.#layer,
      events: this.events,
      isKnown: (address) => this.#isKnown(address),
      refused: (code, status, request, flow) => this.#tellRefused(code, status, request, flow),
    })
    this.#ports = new PortPool(options.listen.address ?? '0.0.0.0', options.mediaPorts)
  }

  /** Listen, and register where trunks ask for it. Throws TypeError for wrong settings, rejects for taken ports. */
  static async start(options: SipServerOptions): Promise<SipServer> {
    const server = new SipServer(options)
    const handler = {
      admit: (address: string) => server.#guard.admit(address),
      limits: (address: string) => (server.#isKnown(address) ? peerLimits : strangerLimits),
      message: (data: Buffer, flow: Flow) => server.#reception.receive(data, flow),
      broken: (flow: Flow, code: string) =>
        server.events.tell('malformed', { code, source: flow.remoteAddress, protocol: flow.protocol }),
    }
    server.#listeners = await Listeners.open(options.listen, handler, options.tls, options.publicAddress)
    for (const trunk of options.trunks) if (trunk.kind === 'registration') server.#register(trunk)
    for (const memory of options.lost ?? []) void server.#hangUpLost(memory)
    return server
  }

  /** The port of a protocol, or nothing when it is off. */
  port(protocol: Protocol): number | undefined {
    return this.#listeners.port(protocol)
  }

  /** Calls that are up or ringing. */
  get calls(): readonly Call[] {
    return [...this.#calls.values()]
  }

  /** The calls that are up, to be written down: `lost` of the next process, should this one crash. */
  get memories(): CallMemory[] {
    return this.calls.flatMap(({ memory }) => memory ?? [])
  }

  /** Transactions under way. */
  get transactions(): number {
    return this.#layer.size
  }

  /** Packets dropped unread because their source sent too many. */
  get dropped(): number {
    return this.#guard.dropped
  }

  /** Hang up every call, withdraw registrations, stop listening. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    for (const call of this.calls) {
      if (call.state === 'ringing') call.refuse(503, 'shutting-down')
      else call.hangUp('shutting-down')
    }
    await Promise.all(this.#registrations.map((registration) => registration.close()))
    await this.#layer.drain(byeMs)
    this.#layer.close()
    await this.#listeners.close()
  }

  /** Whether messages from there belong to a trunk by their address, or to somebody who has a call up. */
  #isKnown(address: string): boolean {
    return this.#directory.isTrusted(address) || this.#sources.has(address)
  }

  #callOf(request: SipRequest): Call | undefined {
    return this.#calls.get(dialogKey(request.callId, request.to.params.get('tag') ?? '', request.from.params.get('tag') ?? ''))
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction
    if (request.to.params.has('tag')) {
      const call = this.#callOf(request)
      if (call) call.receive(transaction)
      else transaction.respond(respond(request, 481))
      return
    }
    const trunk = this.#admit(transaction)
    if (!trunk) return
    if (request.method === 'OPTIONS') {
      const headers: [string, string][] = [
        ['Allow', allowed],
        ['Accept', 'application/sdp'],
        ['Supported', supportedExtensions.join(', ')],
      ]
      transaction.respond(respond(request, 200, { toTag: newTag(), headers }))
    } else if (request.method === 'INVITE') {
      this.#invite(transaction, trunk).catch((error: unknown) => {
        this.events.tell('fault', error instanceof Error ? error : new Error(String(error)))
        this.#refuse(transaction, 'internal')
      })
    } else transaction.respond(respond(request, 405, { toTag: newTag(), headers: [['Allow', allowed]] }))
  }

  /** The trunk a request outside any call belongs to; when it has none it is refused or challenged here. */
  #admit(transaction: ServerTransaction): Trunk | undefined {
    const { request, flow } = transaction
    const decision = this.#directory.decide(request, flow.remoteAddress, userOf(request.uri))
    if (decision.outcome === 'trunk') return decision.trunk
    if (decision.outcome === 'refused') this.#refuse(transaction, decision.code)
    else {
      const headers = this.#directory.challenge(decision.stale).map((value) => ['WWW-Authenticate', value] as [string, string])
      transaction.respond(respond(request, 401, { toTag: newTag(), headers }))
    }
    return undefined
  }

  async #invite(transaction: ServerTransaction, trunk: Trunk): Promise<void> {
    const { request, flow } = transaction
    const fault = inviteFault(request)
    if (fault) return this.#refuse(transaction, fault.code, fault.headers)
    const merged = `${request.callId}\n${request.from.params.get('tag')}\n${request.cseq.number}`
    if (this.#invites.has(merged)) return this.#refuse(transaction, 'loop-detected')
    const session = decideSessionTimer(request, this.#options.sessionTimer)
    if (session.outcome === 'too-small') {
      return this.#refuse(transaction, 'session-interval', [['Min-SE', String(session.minimum)]])
    }
    if (this.#closing) return this.#refuse(transaction, 'shutting-down')
    if (this.#calls.size >= (this.#options.maxCalls ?? 200)) return this.#refuse(transaction, 'too-many-calls')
    const dialog = this.#openDialog(request)
    if (!dialog) return this.#refuse(transaction, 'bad-contact')
    transaction.respond(respond(request, 100))
    this.#invites.add(merged)
    transaction.onEnd = () => this.#invites.delete(merged)
    let cancelled = false
    transaction.onCancel = () => {
      cancelled = true
      transaction.respond(respond(request, 487, { toTag: dialog.localTag }))
    }
    const ports = await this.#ports.open().catch(() => undefined)
    if (!ports) return this.#refuse(transaction, 'no-media-port')
    if (cancelled) return ports.close()
    const address = await this.#listeners.addressTowards(flow.remoteAddress)
    let digit: Call['onDigit']
    const leg = new MediaLeg(ports, (pressed, method) => digit?.(pressed, method))
    const codecs = this.#options.codecs ?? allCodecs
    const allowedCodecs = codecs.filter((name) => trunk.codecs?.includes(name) ?? true)
    const media = new CallMedia(leg, address, allowedCodecs, trunk.srtp ?? 'optional')
    const offered = media.offered(request.body)
    if (!offered.ok) {
      leg.close()
      return this.#refuse(transaction, `sdp-${offered.code}`)
    }
    const call = await this.#makeCall(transaction, trunk, dialog, media)
    digit = (pressed, method) => call.onDigit?.(pressed, method)
    if (cancelled) return leg.close()
    this.#calls.set(call.dialogKey, call)
    this.#countSource(flow.remoteAddress, 1)
    this.events.tell('callStarted', call.info)
    this.#options.onCall(call)
  }

  #openDialog(request: SipRequest): Dialog | undefined {
    try {
      return Dialog.accept(request, newTag())
    } catch (error) {
      if (error instanceof SipParseError) return undefined
      throw error
    }
  }

  async #makeCall(transaction: ServerTransaction, trunk: Trunk, dialog: Dialog, media: CallMedia): Promise<Call> {
    const { request, flow } = transaction
    const info: CallInfo = {
      id: request.callId,
      trunk: trunk.name,
      ...callerOf(request),
      // Registered contacts are called by a name of our own making; the number dialled is then in To.
      dialled: userOf(trunk.kind === 'registration' ? request.to.uri : request.uri),
      protocol: flow.protocol,
      source: flow.remoteAddress,
    }
    const sentBy = await this.#listeners.sentBy(flow.protocol, flow.remoteAddress)
    const scheme = request.uri.startsWith('sips:') ? 'sips' : 'sip'
    const transport = flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`
    return new Call(info, transaction, dialog, media, {
      layer: this.#layer,
      timers: this.#options.timers ?? rfcTimers,
      sessionTimer: this.#options.sessionTimer ?? defaultSessionTimer,
      contact: `<${scheme}:${encodeURIComponent(info.dialled) || 'parley'}@${sentBy}${transport}>`,
      sentBy,
      reconnect: (old, target) => this.#reconnect(old, target),
      liveness: this.#options.liveness ?? { probe: 30_000, giveUp: 120_000 },
      answered: (call) => this.#tellAnswered(call),
      ended: (call, code) => this.#forget(call, code),
      refused: (call, code, status) => this.#tellRefused(code, status, request, flow, call.info),
    })
  }

  async #reconnect(old: Flow, target: string): Promise<Flow> {
    const { host, port } = parseUri(target)
    const address = bareHost(host)
    // Only an address is dialled: a name in a Contact would have us look up whatever a peer likes.
    return this.#listeners.connect(old.protocol, isIP(address) ? address : old.remoteAddress, port ?? old.remotePort)
  }

  async #hangUpLost({ dialog, protocol, address, port }: CallMemory): Promise<void> {
    try {
      const flow = await this.#listeners.connect(protocol, address, port)
      const bye = Dialog.recall(dialog).request('BYE', [['Reason', lostReason]])
      const sentBy = await this.#listeners.sentBy(protocol, address)
      this.#layer.send(bye, flow, { response: () => {}, failed: () => {} }, sentBy)
    } catch {
      // Whoever it was has gone as well.
    }
  }

  #register(trunk: Extract<Trunk, { kind: 'registration' }>): void {
    const protocol = trunk.transport ?? 'udp'
    let flow: Flow | undefined
    const registration = new Registration(trunk, {
      layer: this.#layer,
      open: async () => {
        const { host, address, port } = await resolveServer(trunk.registrar, protocol)
        this.#directory.learn(trunk, address)
        if (!flow?.open || flow.remoteAddress !== address) flow = await this.#listeners.connect(protocol, address, port, host)
        return { flow, local: await this.#listeners.sentBy(protocol, address) }
      },
      changed: (state, expires, code) => this.events.tell('registration', { trunk: trunk.name, state, expires, code }),
    })
    this.#directory.bindContact(registration.contactUser, trunk)
    this.#registrations.push(registration)
    registration.start()
  }

  #forget(call: Call, code: Parameters<NonNullable<Call['onEnd']>>[0]): void {
    if (!this.#calls.delete(call.dialogKey)) return
    this.#countSource(call.info.source, -1)
    const durationMs = call.answeredAt === undefined ? 0 : Math.round(performance.now() - call.answeredAt)
    this.events.tell('callEnded', { id: call.info.id, code, durationMs, media: call.leg.report })
  }

  #countSource(address: string, step: number): void {
    const count = (this.#sources.get(address) ?? 0) + step
    if (count > 0) this.#sources.set(address, count)
    else this.#sources.delete(address)
  }

  #tellAnswered(call: Call): void {
    const { codec, srtp } = call.leg.report
    const setupMs = Math.round(performance.now() - call.startedAt)
    this.events.tell('callAnswered', { id: call.info.id, codec: codec ?? 'unknown', srtp, setupMs })
  }

  #refuse(transaction: ServerTransaction, code: RefusalCode, headers: [string, string][] = []): void {
    if (!transaction.pending) return
    const [status] = refusals[code]
    transaction.respond(respond(transaction.request, status, { toTag: newTag(), headers }))
    if (transaction.request.method === 'INVITE') this.#tellRefused(code, status, transaction.request, transaction.flow)
  }

  #tellRefused(code: RefusalCode, status: number, request: RefusedRequest, flow: Flow, info?: CallInfo): void {
    const { caller } = info ?? callerOf(request)
    const source = { source: flow.remoteAddress, protocol: flow.protocol }
    this.events.tell('refused', { code, status, ...source, caller, dialled: userOf(request.uri), callId: request.callId })
  }
}

/** Start a SIP server. Throws TypeError for wrong settings; rejects when a port cannot be had. */
export function createSipServer(options: SipServerOptions): Promise<SipServer> {
  return SipServer.start(options)
}
