import { randomBytes, randomInt } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import { formatRtp, isRtcp, ntpTime, parseRtp, readReports, writeReport } from '@parley/rtp'
import type { AgreedMedia } from './agreed-media.ts'
import { type AudioCodec, type CodecName, openCodec } from './codec.ts'
import { type DigitMethod, DigitReceiver } from './dtmf.ts'
import { JitterBuffer } from './jitter.ts'
import { Latch } from './latch.ts'
import { defaultNoiseLevel, NoiseSource } from './noise.ts'
import { frameMs, frameSamples } from './pcm.ts'
import type { PortPair } from './ports.ts'
import { Resampler } from './resample.ts'
import { SrtpContext } from './srtp.ts'
import { ReceptionStatistics } from './statistics.ts'

const framesPerReport = 5_000 / frameMs

/** What a call's media came to, for its record. */
export interface MediaReport {
  codec: CodecName | undefined
  srtp: boolean
  sent: number
  received: number
  lost: number
  late: number
  concealed: number
  jitterMs: number
}

/** One call's sound: 20 ms frames of PCM in and out, over RTP. */
export class MediaLeg {
  readonly #ports: PortPair
  readonly #latch = new Latch()
  readonly #statistics = new ReceptionStatistics()
  readonly #noise = new NoiseSource()
  readonly #digits: DigitReceiver
  readonly #ssrc = randomBytes(4).readUInt32BE()
  readonly #cname = randomBytes(8).toString('hex')
  #sequence = randomInt(32_768)
  #timestamp = randomBytes(4).readUInt32BE()
  #agreed: AgreedMedia | undefined
  #codec: AudioCodec | undefined
  #jitter: JitterBuffer | undefined
  #srtp: { in: SrtpContext; out: SrtpContext; keys: string } | undefined
  #rate = 0
  #toLine: Resampler | undefined
  #fromLine: Resampler | undefined
  #sent = 0
  #octets = 0
  #frames = randomInt(framesPerReport)
  #lastPacket = performance.now()
  #marker = true
  #closed = false

  constructor(ports: PortPair, digit: (digit: string, method: DigitMethod) => void) {
    this.#ports = ports
    this.#digits = new DigitReceiver(digit)
    ports.rtp.on('message', (data, remote) => this.#receive(data, remote))
    ports.rtcp.on('message', (data) => this.#receiveRtcp(data))
  }

  get port(): number {
    return this.#ports.port
  }

  /** PCM samples a second of `pull` and `send`: fixed by the first codec, whatever later ones are. */
  get rate(): number {
    return this.#rate
  }

  /** Whether the peer has put the call on hold: it wants to hear nothing, or sends nothing to be heard. */
  get held(): boolean {
    return this.#agreed !== undefined && this.#agreed.direction !== 'sendrecv'
  }

  /** Milliseconds since the last packet of the peer. */
  get idleMs(): number {
    return performance.now() - this.#lastPacket
  }

  /** Take what offer and answer agreed on; again at every change. */
  configure(agreed: AgreedMedia): void {
    this.#agreed = agreed
    this.#lastPacket = performance.now()
    const { address, port, direction } = agreed.remote
    this.#latch.signalled(direction === 'inactive' && address === '0.0.0.0' ? undefined : { address, port })
    if (this.#codec?.name !== agreed.codec.name) {
      this.#codec?.close()
      this.#codec = openCodec(agreed.codec.name)
      this.#jitter = new JitterBuffer(this.#codec)
      this.#rate ||= this.#codec.sampleRate
      const differs = this.#rate !== this.#codec.sampleRate
      this.#toLine = differs ? new Resampler(this.#rate, this.#codec.sampleRate) : undefined
      this.#fromLine = differs ? new Resampler(this.#codec.sampleRate, this.#rate) : undefined
    }
    this.#configureSrtp(agreed.srtp)
  }

  #configureSrtp(srtp: AgreedMedia['srtp']): void {
    if (!srtp) {
      this.#srtp = undefined
      return
    }
    const keys = [srtp.local, srtp.remote].map(({ suite, keySalt }) => suite + keySalt.toString('base64')).join()
    // The same keys again must not start a new context: that would forget rollovers and replays.
    if (this.#srtp?.keys === keys) return
    this.#srtp = {
      in: new SrtpContext(srtp.remote.suite, srtp.remote.keySalt),
      out: new SrtpContext(srtp.local.suite, srtp.local.keySalt),
      keys,
    }
  }

  /** The next 20 ms of the peer's voice. Silence while it holds: hold music is not for a meeting. */
  pull(): Int16Array {
    const jitter = this.#jitter
    if (!jitter || !this.#codec) return new Int16Array(frameSamples(this.#rate || 8_000))
    if (!jitter.started) return new Int16Array(frameSamples(this.#rate))
    const pcm = jitter.pull()
    if (this.#codec.sampleRate === 8_000) this.#digits.audio(pcm)
    const own = this.#fromLine ? this.#fromLine.process(pcm) : pcm
    return this.held ? new Int16Array(own.length) : own
  }

  /** Send 20 ms to the peer; nothing to say is sent as comfort noise. Call it every 20 ms. */
  send(pcm: Int16Array | undefined): void {
    const codec = this.#codec
    if (!codec || !this.#agreed || this.#closed) return
    const units = (codec.clockRate * frameMs) / 1000
    this.#timestamp = (this.#timestamp + units) >>> 0
    if (++this.#frames % framesPerReport === 0) this.#sendRtcp(false)
    if (this.#agreed.direction === 'recvonly' || this.#agreed.direction === 'inactive') {
      this.#marker = true
      return
    }
    const frame = pcm ?? this.#noise.fill(new Int16Array(frameSamples(this.#rate)), defaultNoiseLevel)
    this.#sendPacket(
      this.#agreed.codec.payloadType,
      codec.encode(this.#toLine ? this.#toLine.process(frame) : frame),
      this.#timestamp,
    )
  }

  /** A SIP INFO of the dialog; whether it was a digit. */
  info(contentType: string, body: Buffer): boolean {
    return this.#digits.info(contentType, body)
  }

  get report(): MediaReport {
    const { late, concealed } = this.#jitter?.stats ?? { late: 0, concealed: 0 }
    const { received, lost, jitter } = this.#statistics
    const jitterMs = this.#codec ? jitter / (this.#codec.clockRate / 1000) : 0
    const own = { codec: this.#codec?.name, srtp: this.#srtp !== undefined, sent: this.#sent }
    return { ...own, received, lost, late, concealed: Math.round(concealed), jitterMs: Math.round(jitterMs * 10) / 10 }
  }

  close(): void {
    if (this.#closed) return
    if (this.#codec) this.#sendRtcp(true)
    this.#closed = true
    this.#codec?.close()
    this.#codec = undefined
    this.#jitter = undefined
    this.#ports.close()
  }

  #sendPacket(payloadType: number, payload: Buffer, timestamp: number): void {
    const target = this.#latch.target
    if (!target) return
    const packet = formatRtp({
      marker: this.#marker,
      payloadType,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.#ssrc,
      payload,
    })
    this.#marker = false
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#sent++
    this.#octets += payload.length
    this.#ports.rtp.send(this.#srtp ? this.#srtp.out.protect(packet) : packet, target.port, target.address, () => {})
  }

  #receive(data: Buffer, remote: RemoteInfo): void {
    const agreed = this.#agreed
    if (!agreed || !this.#codec || this.#closed) return
    if (isRtcp(data)) {
      if (agreed.rtcpMux) this.#receiveRtcp(data)
      return
    }
    const plain = this.#srtp ? this.#srtp.in.unprotect(data) : data
    const packet = plain && parseRtp(plain)
    if (!packet) return
    const known = [agreed.codec.payloadType, agreed.telephoneEvent, agreed.comfortNoise].includes(packet.payloadType)
    const now = performance.now()
    if (!known || !this.#latch.accept(remote.address, remote.port, this.#srtp !== undefined, now)) return
    this.#lastPacket = now
    this.#statistics.packet(packet.ssrc, packet.sequence, packet.timestamp, Math.round((now * this.#codec.clockRate) / 1000))
    if (packet.payloadType === agreed.codec.payloadType) this.#jitter?.push(packet)
    else if (packet.payloadType === agreed.telephoneEvent) this.#digits.event(packet.payload, packet.timestamp)
    else this.#jitter?.comfortNoise(packet.payload)
  }

  #receiveRtcp(data: Buffer): void {
    if (!this.#agreed || this.#closed || data.length < 8) return
    const plain = this.#srtp ? this.#srtp.in.unprotectRtcp(data) : data
    if (!plain) return
    const { sender } = readReports(plain)
    if (sender) this.#statistics.senderReport(sender.ntp, performance.now())
  }

  #sendRtcp(leaving: boolean): void {
    const target = this.#latch.target
    const agreed = this.#agreed
    if (!target || !agreed) return
    const sender = {
      ssrc: this.#ssrc,
      ntp: ntpTime(Date.now()),
      timestamp: this.#timestamp,
      packets: this.#sent,
      octets: this.#octets,
    }
    const reception = this.#statistics.report(performance.now())
    const packet = writeReport(sender, reception ? [reception] : [], this.#cname, leaving)
    const data = this.#srtp ? this.#srtp.out.protectRtcp(packet) : packet
    if (agreed.rtcpMux) this.#ports.rtp.send(data, target.port, target.address, () => {})
    else {
      // Behind a NAT only the RTP source is known; RTCP is then next to it, as it was signalled.
      const port = target.port === agreed.remote.port ? agreed.remote.rtcpPort : target.port + 1
      if (port < 65_536) this.#ports.rtcp.send(data, port, target.address, () => {})
    }
  }
}
