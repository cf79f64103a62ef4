import {
  ClientInfo,
  ConnectionSettings,
  DisconnectReason,
  JoinRequest,
  type JoinResponse,
  LeaveRequest,
  Ping,
  SignalRequest,
  SignalResponse,
  WrappedJoinRequest,
} from '@livekit/protocol'
import { WebSocket } from 'ws'

type Outgoing = SignalRequest['message']
export type Incoming = SignalResponse['message']

/** The version of LiveKit's protocol spoken (see livekit/protocol, version 1.52). */
const protocol = 16
const longestMessage = 4_000_000
/** Answers that are of no use to a telephone, by their field: loudness, connection quality, pongs… */
const ignored = new Set([10, 11, 12, 13, 14, 15, 18, 20, 21, 22, 23, 26])

export interface SignalEvents {
  /** The first is `join`: the server has let us in. */
  message(message: Incoming): void
  /** The connection is gone, or was never made, without having been closed from here. */
  closed(why: Error): void
}

/** The number of the first field of a protobuf message; 0 when there is none. */
export function firstField(data: Uint8Array): number {
  let tag = 0
  for (let index = 0; index < Math.min(4, data.length); index++) {
    tag |= (data[index]! & 0x7f) << (index * 7)
    if ((data[index]! & 0x80) === 0) return tag >> 3
  }
  return 0
}

/** The address of a media server's signalling, from the one it is known by (ws, wss, http or https). */
export function signalUrl(url: string): URL {
  const address = new URL(url)
  if (address.protocol === 'http:') address.protocol = 'ws:'
  if (address.protocol === 'https:') address.protocol = 'wss:'
  let end = address.pathname.length
  while (address.pathname[end - 1] === '/') end--
  address.pathname = `${address.pathname.slice(0, end)}/rtc/v1`
  return address
}

/** A signalling connection of LiveKit's protocol, in its form with one peer connection. */
export class SignalLink {
  readonly #socket: WebSocket
  readonly #events: SignalEvents
  #ping: NodeJS.Timeout | undefined
  #heard = 0
  #closed = false

  constructor(url: string, token: string, events: SignalEvents) {
    this.#events = events
    const address = signalUrl(url)
    const join = new JoinRequest({
      clientInfo: new ClientInfo({ protocol, version: '0.1.0', os: process.platform }),
      connectionSettings: new ConnectionSettings({ autoSubscribe: false, adaptiveStream: false, subscriberAllowPause: false }),
    })
    const wrapped = Buffer.from(new WrappedJoinRequest({ joinRequest: join.toBinary() }).toBinary())
    // With its padding: Go's decoder wants it.
    address.searchParams.set('join_request', wrapped.toString('base64').replaceAll('+', '-').replaceAll('/', '_'))
    this.#socket = new WebSocket(address, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      maxPayload: longestMessage,
    })
    this.#socket.on('message', (data: Buffer) => this.#take(data))
    this.#socket.on('error', (error) => this.#gone(error))
    this.#socket.on('close', () => this.#gone(new Error('the meeting server closed the connection')))
  }

  send(message: Outgoing): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new SignalRequest({ message }).toBinary())
  }

  /** Say goodbye, when there is still someone to hear it, and close. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#ping)
    this.send({ case: 'leave', value: new LeaveRequest({ reason: DisconnectReason.CLIENT_INITIATED }) })
    this.#socket.close()
    // A server that does not answer must not keep the socket.
    setTimeout(() => this.#socket.terminate(), 2_000).unref()
  }

  #take(data: Buffer): void {
    this.#heard = performance.now()
    if (this.#closed || ignored.has(firstField(data))) return
    let message: Incoming
    try {
      message = SignalResponse.fromBinary(data).message
    } catch {
      return
    }
    if (message.case === 'join') this.#keepAlive(message.value)
    this.#events.message(message)
  }

  #keepAlive({ pingInterval, pingTimeout }: JoinResponse): void {
    const interval = Math.max(1, pingInterval || 5) * 1_000
    this.#ping = setInterval(() => {
      if (performance.now() - this.#heard > interval + Math.max(1, pingTimeout || 15) * 1_000) this.#socket.terminate()
      else this.send({ case: 'pingReq', value: new Ping({ timestamp: BigInt(Date.now()) }) })
    }, interval)
  }

  #gone(error: Error): void {
    clearInterval(this.#ping)
    if (this.#closed) return
    this.#closed = true
    this.#events.closed(error)
  }
}
