import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { formatRtp } from '@parley/rtp'
import { muLaw } from '../../../packages/sip/src/media/g711.ts'
import { tone } from '../../../packages/sip/src/media/tone.ts'
import { parseMessage } from '../../../packages/sip/src/message/parse.ts'

/** What a line sounds like while nobody speaks on it: noise some 62 dB below full scale. */
const noise = muLaw.encode(Int16Array.from({ length: 160 }, () => (Math.random() - 0.5) * 90))
const voice = muLaw.encode(tone(8_000, 20, [300], 0.03))
const mark = muLaw.encode(tone(8_000, 20, [600], 0.5))
/** Mu-law codes (without their sign) below these are a mark or a word; a voice. Smaller is louder. */
const markCode = 0x30
const voiceCode = 0x60

/** A bare telephone: calls, types, sends mu-law every 20 ms when told to, and notes when it hears something. */
export class Caller {
  readonly #sip: Socket
  readonly #rtp: Socket
  readonly #server: number
  readonly #id: string
  #toTag = ''
  #cseq = 1
  #sequence = 0
  #next = noise
  remotePort = 0
  answeredMs = 0
  /** When the last mark went out. */
  markedAt = 0
  /** Called with the time of every packet, and the loudest code in it. */
  onPacket: ((at: number, loudest: 'mark' | 'voice' | 'quiet') => void) | undefined
  /** It says something all the time, not only marks. */
  speaks = false

  private constructor(sip: Socket, rtp: Socket, server: number) {
    this.#sip = sip
    this.#rtp = rtp
    this.#server = server
    this.#id = `${Math.random().toString(36).slice(2)}`
  }

  static async call(server: number): Promise<Caller> {
    const [sip, rtp] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')]
    await Promise.all([once(sip, 'listening'), once(rtp, 'listening')])
    const caller = new Caller(sip, rtp, server)
    await caller.#invite()
    return caller
  }

  async #invite(): Promise<void> {
    const port = this.#rtp.address().port
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`
    const started = performance.now()
    this.#rtp.on('message', (data) => this.#heard(data))
    const answered = new Promise<void>((resolve, reject) => {
      this.#sip.on('message', (data) => {
        // RTCP for the port below may land here.
        if (!data.toString('latin1', 0, 4).startsWith('SIP/')) return
        const message = parseMessage(data)
        if (message.kind !== 'response' || message.status < 200 || this.#toTag !== '') return
        if (message.status !== 200) return reject(new Error(`the call was answered ${message.status}`))
        this.answeredMs = performance.now() - started
        this.#toTag = `;tag=${message.to.params.get('tag') ?? ''}`
        this.remotePort = Number(/m=audio (\d+)/.exec(message.body.toString())?.[1])
        this.#request('ACK', '', '')
        resolve()
      })
    })
    this.#request('INVITE', body, 'application/sdp')
    await answered
  }

  /** Press a key, told by INFO. */
  press(digit: string): void {
    this.#cseq++
    this.#request('INFO', `Signal=${digit}\r\nDuration=100\r\n`, 'application/dtmf-relay')
  }

  hangUp(): void {
    this.#cseq++
    this.#request('BYE', '', '')
  }

  #request(method: string, content: string, type: string): void {
    const { port } = this.#sip.address()
    const lines = [
      `${method} sip:meet@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${method}${this.#cseq}${this.#id}`,
      'Max-Forwards: 70',
      `From: <sip:${this.#id}@127.0.0.1>;tag=b`,
      `To: <sip:meet@127.0.0.1>${this.#toTag}`,
      `Call-ID: ${this.#id}`,
      `CSeq: ${this.#cseq} ${method}`,
      `Contact: <sip:bench@127.0.0.1:${port}>`,
      ...(content ? [`Content-Type: ${type}`] : []),
      `Content-Length: ${content.length}`,
    ]
    this.#sip.send(`${lines.join('\r\n')}\r\n\r\n${content}`, this.#server, '127.0.0.1')
  }

  #heard(data: Buffer): void {
    if (!this.onPacket) return
    const now = performance.now()
    let loudest = 0x7f
    for (let index = 12; index < data.length; index += 3) loudest = Math.min(loudest, data[index]! & 0x7f)
    this.onPacket(now, loudest < markCode ? 'mark' : loudest < voiceCode ? 'voice' : 'quiet')
  }

  /** Resolves with the time of the first word that is heard from now on; fails after some seconds. */
  word(): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('nothing was heard on the telephone')), 15_000)
      this.onPacket = (at, loudest) => {
        if (loudest !== 'mark') return
        clearTimeout(late)
        this.onPacket = undefined
        resolve(at)
      }
    })
  }

  /** Make the next packet a mark. */
  mark(): void {
    this.#next = mark
  }

  /** Send the next 20 ms. */
  beat(): void {
    if (this.#next === mark) this.markedAt = performance.now()
    const payload = this.#next === mark ? mark : this.speaks ? voice : noise
    this.#next = noise
    const sequence = this.#sequence++ & 0xffff
    const timestamp = ((this.#sequence - 1) * 160) >>> 0
    const packet = formatRtp({ marker: false, payloadType: 0, sequence, timestamp, ssrc: 1, payload })
    this.#rtp.send(packet, this.remotePort, '127.0.0.1')
  }

  close(): void {
    this.#sip.close()
    this.#rtp.close()
  }
}
