import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { tone } from './sound.ts'

const frame = 160

/** G.711 µ-law (ITU-T G.711). */
function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const size = Math.min(32_635, Math.abs(sample)) + 132
  const exponent = 31 - Math.clz32(size) - 7
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff
}

/** A caller whose line loses packets: says a tone in PCMU and drops some, over UDP sockets of its own. */
export class LossyCaller {
  readonly #sip: Socket
  readonly #rtp: Socket
  readonly #host: string
  readonly #port: number
  readonly #id = `${process.pid}.${Math.random()}`
  #to: string
  #timer: NodeJS.Timeout | undefined
  #sequence = 0
  sent = 0
  lost = 0

  private constructor(sip: Socket, rtp: Socket, address: string) {
    this.#sip = sip
    this.#rtp = rtp
    const [host = '', port = ''] = address.replace(/^sip:.*@/, '').split(':')
    this.#host = host
    this.#port = Number(port)
    this.#to = `<${address}>`
  }

  /** Call, key the passcode, and say the tone; `loss` is the share of packets that never arrive. */
  static async call(address: string, passcode: string, frequency: number, loss: number): Promise<LossyCaller> {
    const [sip, rtp] = [createSocket('udp4'), createSocket('udp4')]
    sip.bind(0, '127.0.0.1')
    rtp.bind(0, '127.0.0.1')
    await Promise.all([once(sip, 'listening'), once(rtp, 'listening')])
    const caller = new LossyCaller(sip, rtp, address)
    const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${rtp.address().port} RTP/AVP 0\r\n`
    const answer = await caller.#request('INVITE', ['Content-Type: application/sdp'], sdp)
    caller.#to = /^To: *(.*?)\r?$/im.exec(answer)![1]!
    caller.#send('ACK', 1, [], '')
    caller.#speak(Number(/^m=audio (\d+)/m.exec(answer)![1]), frequency, loss)
    for (const key of `${passcode}#`)
      await caller.#request('INFO', ['Content-Type: application/dtmf-relay'], `Signal=${key}\r\nDuration=160\r\n`)
    return caller
  }

  #speak(port: number, frequency: number, loss: number): void {
    // A whole number of waves, so that the tone goes on without a seam.
    const sound = Uint8Array.from(tone(8_000, 1_000, [frequency]), muLaw)
    const started = performance.now()
    this.#timer = setInterval(() => {
      while (this.sent < (performance.now() - started) / 20) {
        const number = this.sent++
        if (Math.random() < loss) {
          this.lost += 1
          continue
        }
        const head = Buffer.alloc(12)
        head.writeUInt8(0x80, 0)
        head.writeUInt16BE(number & 0xffff, 2)
        head.writeUInt32BE((number * frame) >>> 0, 4)
        head.writeUInt32BE(0x1234_5678, 8)
        const at = (number % 50) * frame
        this.#rtp.send(Buffer.concat([head, sound.subarray(at, at + frame)]), port, this.#host)
      }
    }, 5)
  }

  async #request(method: string, headers: string[], body: string): Promise<string> {
    const sequence = ++this.#sequence
    const again = setInterval(() => this.#send(method, sequence, headers, body), 500)
    try {
      this.#send(method, sequence, headers, body)
      for (;;) {
        const [data] = (await once(this.#sip, 'message', { signal: AbortSignal.timeout(90_000) })) as [Buffer]
        const text = data.toString()
        if (!new RegExp(`^CSeq: *${sequence} ${method}`, 'im').test(text) || /^SIP\/2\.0 1/.test(text)) continue
        if (!text.startsWith('SIP/2.0 200')) throw new Error(`${method} was answered with ${text.split('\r\n', 1)[0]}`)
        return text
      }
    } finally {
      clearInterval(again)
    }
  }

  #send(method: string, sequence: number, headers: string[], body: string): void {
    const own = `127.0.0.1:${this.#sip.address().port}`
    const lines = [
      `${method} sip:meet@${this.#host}:${this.#port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${this.#id}.${method}.${sequence};rport`,
      `From: <sip:+34633333333@${own}>;tag=${this.#id}`,
      `To: ${this.#to}`,
      `Call-ID: ${this.#id}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:lossy@${own}>`,
      'Max-Forwards: 70',
      ...headers,
      `Content-Length: ${body.length}`,
      '',
      body,
    ]
    this.#sip.send(lines.join('\r\n'), this.#port, this.#host)
  }

  async hangUp(): Promise<void> {
    clearInterval(this.#timer)
    await this.#request('BYE', [], '').finally(() => {
      this.#sip.close()
      this.#rtp.close()
    })
  }
}
