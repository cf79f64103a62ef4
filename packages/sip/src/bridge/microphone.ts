import { randomInt } from 'node:crypto'
import { ntpTime, writeReport } from '@parley/rtp'
import { muLaw } from '../media/g711.ts'
import { OpusVoice } from '../media/opus.ts'
import { frameMs, levelOf } from '../media/pcm.ts'
import type { Publication } from './room-session.ts'
import { levelExtension, payloadTypes } from './sdp.ts'
import { SpeechGate } from './speech-gate.ts'

/** Frames sent whatever they hold when a track is new: servers show it once its first packets are there. */
const firstFrames = 25
/** In silence one frame of so many is sent, so that the far end knows the track lives. */
const sparse = 20
const framesPerReport = 5_000 / frameMs
const headerLength = 20
const silentLevel = 127

/** An Opus packet that holds no frame: silence, by SILK's decoder at 16 kHz (RFC 6716 section 3.1). */
const opusSilence = Buffer.of(0x48)
const muLawSilence = muLaw.encode(new Int16Array(160))

// Packets are copied when sent, so one serves all telephones.
const packet = Buffer.alloc(1_500)

/** Sends one telephone's voice as the RTP of a published track: PCMU as it comes off the line, or Opus. */
export class Microphone {
  readonly #send: (packet: Buffer) => void
  readonly #gate = new SpeechGate()
  readonly #rate: number
  #publication: Publication | undefined
  #opus: OpusVoice | undefined
  #sequence = randomInt(0x8000)
  #timestamp = randomInt(2 ** 32)
  #frames = 0
  #packets = 0
  #octets = 0
  #silent = true

  /** `rate`: samples a second of what is said, 8000 or 16000. */
  constructor(rate: number, send: (packet: Buffer) => void) {
    this.#rate = rate
    this.#send = send
  }

  /** Send as that track from now on. */
  start(publication: Publication): void {
    this.stop()
    this.#publication = publication
    if (publication.codec === 'opus') this.#opus = new OpusVoice(this.#rate)
    this.#frames = 0
    this.#packets = 0
    this.#octets = 0
  }

  stop(): void {
    this.#publication = undefined
    this.#opus?.close()
    this.#opus = undefined
  }

  /** Take the next 20 ms; whether there is something to hear in it. */
  speak(pcm: Int16Array): boolean {
    const level = levelOf(pcm)
    const takes = this.#gate.takes(level)
    if (takes) this.#frame(pcm, Math.min(silentLevel, Math.round(-level)))
    else this.#silence()
    return takes
  }

  /** The next 20 ms are not to be heard. */
  mute(): void {
    this.#silence()
  }

  #silence(): void {
    if (this.#frames < firstFrames || this.#frames % sparse === 0) this.#frame(undefined, silentLevel)
    else this.#advance()
    this.#silent = true
  }

  #advance(): void {
    this.#frames++
    const samples = this.#publication?.codec === 'opus' ? 960 : 160
    this.#timestamp = (this.#timestamp + samples) >>> 0
  }

  /** Send a frame, or silence. */
  #frame(pcm: Int16Array | undefined, level: number): void {
    const publication = this.#publication
    this.#advance()
    if (!publication) return
    const payload = this.#encode(pcm)
    packet[0] = 0x90
    packet[1] = (this.#silent && pcm ? 0x80 : 0) | payloadTypes[publication.codec]
    packet.writeUInt16BE(this.#sequence, 2)
    packet.writeUInt32BE(this.#timestamp, 4)
    packet.writeUInt32BE(publication.ssrc, 8)
    packet.writeUInt32BE(0xbede0001, 12)
    packet[16] = levelExtension << 4
    packet[17] = (pcm ? 0x80 : 0) | level
    packet[18] = 0
    packet[19] = 0
    payload.copy(packet, headerLength)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#packets++
    this.#octets += payload.length
    this.#silent = pcm === undefined
    this.#send(packet.subarray(0, headerLength + payload.length))
    if (this.#packets % framesPerReport === 1) this.#report(publication.ssrc)
  }

  #encode(pcm: Int16Array | undefined): Buffer {
    if (this.#opus) return pcm ? this.#opus.encode(pcm) : opusSilence
    return pcm ? muLaw.encode(pcm) : muLawSilence
  }

  #report(ssrc: number): void {
    const sender = { ssrc, ntp: ntpTime(Date.now()), timestamp: this.#timestamp, packets: this.#packets, octets: this.#octets }
    this.#send(writeReport(sender, [], 'telephone'))
  }
}
