import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { SipMessage } from '../src/message/message.ts'
import { parseMessage } from '../src/message/parse.ts'
import { Tally } from './tools.ts'

/** A peer that sends exactly what it is told, for what no sound phone would do. */
export class RawPeer {
  readonly received = new Tally<SipMessage>()
  readonly port: number
  readonly #socket: Socket
  /** The port to send to. */
  server: number
  /** The status of every response, also of those too broken to be read. */
  readonly statuses = new Tally<number>()

  private constructor(socket: Socket, server: number) {
    this.#socket = socket
    this.server = server
    this.port = socket.address().port
    socket.on('message', (data) => {
      const status = /^SIP\/2\.0 (\d{3})/.exec(data.toString('latin1', 0, 11))
      if (status) this.statuses.add(Number(status[1]))
      try {
        this.received.add(parseMessage(data))
      } catch {
        // An echo of what was broken when it was sent.
      }
    })
  }

  /** `server` is the port to send to; `address` where to send from, all of 127/8 being this machine. */
  static async open(server: number, address = '127.0.0.1'): Promise<RawPeer> {
    const socket = createSocket('udp4').bind(0, address)
    await once(socket, 'listening')
    return new RawPeer(socket, server)
  }

  send(text: string | Buffer): void {
    this.#socket.send(text, this.server, '127.0.0.1')
  }

  /** A request of this peer with its Via, From and Contact. */
  request(method: string, parts: RequestParts = {}): string {
    const {
      callId = 'call-1',
      cseq = 1,
      branch = `z9hG4bK${callId}${method}${cseq}`,
      toTag,
      uri = 'sip:100@127.0.0.1',
      headers = [],
      body = '',
      fromTag = 'peer',
    } = parts
    return [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:+34600111222@127.0.0.1>;tag=${fromTag}`,
      `To: <sip:100@127.0.0.1>${toTag ? `;tag=${toTag}` : ''}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:peer@127.0.0.1:${this.port}>`,
      ...(body ? ['Content-Type: application/sdp'] : []),
      ...headers,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
  }

  /** Wait for a response with a status. */
  async response(status: number, method?: string): Promise<Extract<SipMessage, { kind: 'response' }>> {
    const match = (message: SipMessage) =>
      message.kind === 'response' && message.status === status && (!method || message.cseq.method === method)
    const items = await this.received.until((all) => all.some(match), `a ${status}`, 60_000)
    return items.find(match) as Extract<SipMessage, { kind: 'response' }>
  }

  /** Wait for a request. */
  async requested(method: string): Promise<Extract<SipMessage, { kind: 'request' }>> {
    const match = (message: SipMessage) => message.kind === 'request' && message.method === method
    const items = await this.received.until((all) => all.some(match), `a ${method}`, 60_000)
    return items.find(match) as Extract<SipMessage, { kind: 'request' }>
  }

  /** Answer a request of the server. */
  answer(message: SipMessage, status: number, headers: string[] = []): void {
    const { headers: source } = message
    const echo = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${source.get(name)}`)
    this.send([`SIP/2.0 ${status} Whatever`, ...echo, ...headers, 'Content-Length: 0', '', ''].join('\r\n'))
  }

  get responses(): number[] {
    return this.received.items.flatMap((message) => (message.kind === 'response' ? [message.status] : []))
  }

  close(): void {
    this.#socket.close()
  }
}

export interface RequestParts {
  callId?: string
  cseq?: number
  branch?: string
  toTag?: string
  fromTag?: string
  uri?: string
  headers?: string[]
  body?: string
}

/** An offer of mu-law to a port. */
export const offer = (port = 40_000, extra = '', address = '127.0.0.1'): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n${extra}`
