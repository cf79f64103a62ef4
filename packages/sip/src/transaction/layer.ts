import { randomBytes } from 'node:crypto'
import type { OutgoingRequest, SipRequest, SipResponse } from '../message/message.ts'
import { respond } from '../message/respond.ts'
import { bareHost } from '../message/scan.ts'
import { serialize } from '../message/serialize.ts'
import { formatVia, magicCookie, type Via } from '../message/via.ts'
import { type Flow, hostText } from '../transport/flow.ts'
import { type ClientHandler, ClientTransaction } from './client.ts'
import { ServerTransaction } from './server.ts'
import type { SipTimers } from './timers.ts'

/** Who uses transactions: hears of new requests and of ACKs to 2xx, which belong to dialogs. */
export interface TransactionUser {
  request(transaction: ServerTransaction): void
  ack(request: SipRequest, flow: Flow): void
  /** The server holds as many transactions as it may; the request was answered 503. */
  overloaded(request: SipRequest, flow: Flow): void
}

/** Matches messages to transactions (RFC 3261 sections 17.1.3 and 17.2.3). */
export class TransactionLayer {
  readonly #servers = new Map<string, ServerTransaction>()
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #user: TransactionUser
  readonly #times: SipTimers
  readonly #max: number

  constructor(user: TransactionUser, times: SipTimers, max = 20_000) {
    this.#user = user
    this.#times = times
    this.#max = max
  }

  get size(): number {
    return this.#servers.size + this.#clients.size
  }

  receiveRequest(request: SipRequest, flow: Flow): void {
    stampVia(request, flow)
    const known = this.#servers.get(serverKey(request))
    if (request.method === 'ACK') {
      if (known && known.state !== 'accepted') known.acknowledged()
      else this.#user.ack(request, flow)
      return
    }
    if (known) {
      known.retransmitted()
      return
    }
    const reply = replyTo(request, flow)
    if (this.#servers.size >= this.#max) {
      reply(serialize(respond(request, 503, { headers: [['Retry-After', '30']] })))
      this.#user.overloaded(request, flow)
      return
    }
    const transaction = new ServerTransaction(request, flow, reply, this.#times)
    if (request.method === 'CANCEL') {
      this.#cancel(request, transaction)
      return
    }
    this.#keep(transaction)
    this.#user.request(transaction)
  }

  #keep(transaction: ServerTransaction): void {
    const key = serverKey(transaction.request)
    this.#servers.set(key, transaction)
    transaction.onForget = () => this.#servers.delete(key)
  }

  #cancel(request: SipRequest, transaction: ServerTransaction): void {
    const invite = this.#servers.get(serverKey(request, 'INVITE'))
    this.#keep(transaction)
    transaction.respond(respond(request, invite ? 200 : 481, { toTag: newTag() }))
    if (invite?.pending) invite.onCancel?.()
  }

  receiveResponse(response: SipResponse): void {
    const branch = response.via.params.get('branch')
    if (branch === undefined) return
    this.#clients.get(`${branch} ${response.cseq.method}`)?.receive(response)
  }

  /** Send a request over a flow. The Via is added here; `sentBy` is what it says we are. */
  send(request: OutgoingRequest, flow: Flow, handler: ClientHandler, sentBy = sentByOf(flow)): ClientTransaction {
    const branch = `${magicCookie}${randomBytes(12).toString('hex')}`
    request.headers.prepend('Via', `SIP/2.0/${flow.protocol.toUpperCase()} ${sentBy};rport;branch=${branch}`)
    const transaction = new ClientTransaction(request, flow, handler, this.#times)
    const key = `${branch} ${request.method}`
    this.#clients.set(key, transaction)
    transaction.onEnd = () => this.#clients.delete(key)
    transaction.start()
    return transaction
  }

  /** Send a request no response belongs to: the ACK of a 2xx. */
  sendAck(request: OutgoingRequest, flow: Flow, sentBy = sentByOf(flow)): void {
    const branch = `${magicCookie}${randomBytes(12).toString('hex')}`
    request.headers.prepend('Via', `SIP/2.0/${flow.protocol.toUpperCase()} ${sentBy};rport;branch=${branch}`)
    flow.send(serialize(request))
  }

  /** Wait until what was asked of others is answered, at most so many milliseconds; sending takes a moment in any case. */
  async drain(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds
    const isOpen = ({ state }: ClientTransaction) => state === 'calling' || state === 'proceeding'
    do await new Promise((resolve) => setTimeout(resolve, 20))
    while (performance.now() < until && [...this.#clients.values()].some(isOpen))
  }

  close(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) transaction.terminate()
  }
}

/** A new From or To tag. */
export function newTag(): string {
  return randomBytes(8).toString('hex')
}

function sentByOf(flow: Flow): string {
  return `${hostText(flow.localAddress)}:${flow.localPort}`
}

function serverKey(request: SipRequest, method = request.method): string {
  const { via } = request
  const branch = via.params.get('branch') ?? ''
  const kind = method === 'ACK' ? 'INVITE' : method
  const sentBy = `${via.host}:${via.port ?? ''}`
  if (branch.startsWith(magicCookie) && branch.length > magicCookie.length) return `${branch} ${sentBy} ${kind}`
  // RFC 2543 peers: the request is its own key (section 17.2.3); an ACK has our To tag, so To is left out.
  return [
    request.uri,
    request.from.params.get('tag') ?? '',
    request.callId,
    request.cseq.number,
    formatVia(plain(via)),
    kind,
  ].join('\n')
}

function plain(via: Via): Via {
  const params = new Map(via.params)
  for (const name of ['received', 'rport']) params.delete(name)
  return { ...via, params }
}

/** Note in the topmost Via where the request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4). */
function stampVia(request: SipRequest, flow: Flow): void {
  const { via, headers } = request
  if (bareHost(via.host) !== flow.remoteAddress) via.params.set('received', flow.remoteAddress)
  else via.params.delete('received')
  if (via.params.has('rport')) {
    via.params.set('rport', String(flow.remotePort))
    via.params.set('received', flow.remoteAddress)
  }
  const rest = headers.list('Via').slice(1)
  headers.remove('Via').add('Via', formatVia(via))
  for (const value of rest) headers.add('Via', value)
}

/** How to send the response to a request (RFC 3261 section 18.2.2). maddr is not followed: it aims us at third parties. */
export function replyTo({ via }: { via: Via }, flow: Flow): (data: Buffer) => void {
  const port = flow.protocol === 'udp' && !via.params.has('rport') ? (via.port ?? 5060) : flow.remotePort
  return (data) => flow.send(data, port)
}
