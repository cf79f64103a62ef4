import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { muLaw } from '../../../packages/sip/src/media/g711.ts'
import { formatRtp } from '../../../packages/sip/src/media/rtp.ts'
import { tone } from '../../../packages/sip/src/media/tone.ts'
import { parseMessage } from '../../../packages/sip/src/message/parse.ts'

const quiet = muLaw.encode(new Int16Array(160))
const loud = muLaw.encode(tone(8_000, 20, [600], 0.5))

/** A bare caller: calls, sends mu-law every 20 ms when told to, and notes when it hears something. */
export class Caller {
  readonly #sip: Socket
  readonly #rtp: Socket
  readonly #server: number
  #sequence = 0
  #remotePort = 0
  #mark = false
  answeredMs = 0
  firstPacketMs = 0
  firstSoundMs = 0
  /** Called with the time of every packet in which something is to be heard. */
  onSound: ((at: number) => void) | undefined
  received = 0

  private constructor(sip: Socket, rtp: Socket, server: number) {
    this.#sip = sip
    this.#rtp = rtp
    this.#server = server
  }

  static async call(server: number, index: number, user = '100'): Promise<Caller> {
    const [sip, rtp] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')]
    await Promise.all([once(sip, 'listening'), once(rtp, 'listening')])
    const caller = new Caller(sip, rtp, server)
    await caller.#invite(index, user)
    return caller
  }

  async #invite(index: number, user: string): Promise<void> {
    const { port } = this.#sip.address()
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${this.#rtp.address().port} RTP/AVP 0\r\n`
    const request = (method: string, toTag: string, content: string) =>
      [
        `${method} sip:${user}@127.0.0.1 SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${method}${index}x${port}`,
        'Max-Forwards: 70',
        `From: <sip:bench${index}@127.0.0.1>;tag=b${index}`,
        `To: <sip:${user}@127.0.0.1>${toTag && `;tag=${toTag}`}`,
        `Call-ID: bench-${index}-${port}`,
        `CSeq: 1 ${method}`,
        `Contact: <sip:bench@127.0.0.1:${port}>`,
        ...(content ? ['Content-Type: application/sdp'] : []),
        `Content-Length: ${content.length}`,
        '',
        content,
      ].join('\r\n')
    const started = performance.now()
    this.#rtp.on('message', (data) => this.#heard(data, started))
    const answered = new Promise<void>((resolve, reject) => {
      this.#sip.on('message', (data) => {
        // RTCP for the port below may land here.
        if (!data.toString('latin1', 0, 4).startsWith('SIP/')) return
        const message = parseMessage(data)
        if (message.kind !== 'response' || message.status < 200) return
        if (message.status !== 200) return reject(new Error(`${message.status}`))
        this.answeredMs ||= performance.now() - started
        this.#remotePort = Number(/m=audio (\d+)/.exec(message.body.toString())?.[1])
        this.#sip.send(request('ACK', message.to.params.get('tag') ?? '', ''), this.#server, '127.0.0.1')
        resolve()
      })
    })
    this.#sip.send(request('INVITE', '', body), this.#server, '127.0.0.1')
    await answered
  }

  #heard(data: Buffer, started: number): void {
    this.received++
    const now = performance.now()
    this.firstPacketMs ||= now - started
    // Mu-law codes near full scale: neither silence nor comfort noise has them.
    let strong = false
    for (let index = 12; index < data.length && !strong; index += 3) strong = (data[index]! & 0x7f) < 0x40
    if (!strong) return
    this.firstSoundMs ||= now - started
    this.onSound?.(now)
  }

  /** Make the next packet loud. */
  mark(): void {
    this.#mark = true
  }

  /** Send the next 20 ms; the time it was sent when it was the loud one. */
  beat(): number | undefined {
    const payload = this.#mark ? loud : quiet
    const at = this.#mark ? performance.now() : undefined
    this.#mark = false
    const sequence = this.#sequence++ & 0xffff
    const packet = formatRtp({ marker: false, payloadType: 0, sequence, timestamp: (sequence * 160) >>> 0, ssrc: 1, payload })
    this.#rtp.send(packet, this.#remotePort, '127.0.0.1')
    return at
  }

  close(): void {
    this.#sip.close()
    this.#rtp.close()
  }
}
