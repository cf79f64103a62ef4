import { isRtcp, parseRtp, readLevel, readReports, writeReport } from '@parley/rtp'
import type { AudioCodec } from '../media/codec.ts'
import { aLaw, type Law, muLaw } from '../media/g711.ts'
import { JitterBuffer } from '../media/jitter.ts'
import { OpusVoice } from '../media/opus.ts'
import { frameMs } from '../media/pcm.ts'
import { Resampler } from '../media/resample.ts'
import { ReceptionStatistics } from '../media/statistics.ts'
import type { RemoteSection, RoomCodec } from './sdp.ts'

/** How many voices are decoded at once: the loudest. More than these nobody understands. */
const mostVoices = 4
/** Quieter than this (-dBov, RFC 6464) a packet is silence. */
const silent = 90
/** A voice must be that much louder, in decibels, to take the place of another. */
const clearlyLouder = 6
const idleFrames = 500
const framesPerReport = 5_000 / frameMs

/** A receiver report's head: nothing is sent by its source. */
const listening = { ntp: [0, 0] as [number, number], timestamp: 0, packets: 0, octets: 0 }

/** One track that comes from the room; decoded only while it has a voice. */
interface Source {
  ssrc: number
  payloads: Map<number, RoomCodec>
  level: number
  levelExtension: number
  statistics: ReceptionStatistics
  voice: Voice | undefined
}

interface Voice {
  payloadType: number
  codec: AudioCodec
  jitter: JitterBuffer
  resampler: Resampler | undefined
  /** Frames for which there was nothing to play. */
  idle: number
}

/** Turns the room's RTP into frames: of the loudest few, who alone are decoded. */
export class RoomReceiver {
  readonly #rate: number
  readonly #sources = new Map<number, Source>()
  readonly #voices = new Set<Source>()
  readonly #send: (packet: Buffer) => void
  #frames = 0

  /** `rate`: samples a second of the frames, 8000 or 16000. `send` takes reports for the server (RTCP). */
  constructor(rate: number, send: (packet: Buffer) => void) {
    this.#rate = rate
    this.#send = send
  }

  /** Take what the server sends now; sources not among it are gone. */
  tune(sections: readonly RemoteSection[]): void {
    const still = new Set(sections.map(({ ssrc }) => ssrc))
    for (const source of this.#sources.values()) {
      if (still.has(source.ssrc)) continue
      this.#release(source)
      this.#sources.delete(source.ssrc)
    }
    for (const { ssrc, payloads, level } of sections) {
      if (ssrc === 0) continue
      const known = this.#sources.get(ssrc)
      if (known) Object.assign(known, { payloads, levelExtension: level })
      else
        this.#sources.set(ssrc, {
          ssrc,
          payloads,
          level: silent,
          levelExtension: level,
          statistics: new ReceptionStatistics(),
          voice: undefined,
        })
    }
  }

  /** Take an RTP or RTCP packet. */
  packet(data: Buffer): void {
    if (isRtcp(data)) {
      const { sender } = readReports(data)
      if (sender) this.#sources.get(sender.ssrc)?.statistics.senderReport(sender.ntp, performance.now())
      return
    }
    const rtp = parseRtp(data)
    const source = rtp && this.#sources.get(rtp.ssrc)
    if (!rtp || !source || rtp.payload.length === 0) return
    const codec = source.payloads.get(rtp.payloadType)
    if (!codec) return
    const clock = codec === 'opus' ? 48 : 8
    source.statistics.packet(rtp.ssrc, rtp.sequence, rtp.timestamp, Math.round(performance.now() * clock))
    const level = readLevel(data, source.levelExtension) ?? 0
    // Slow to rise: one loud packet is no voice to make room for.
    source.level += (level - source.level) / (level > source.level ? 16 : 4)
    if (level >= silent && !source.voice) return
    const voice = this.#voiceOf(source, rtp.payloadType, codec)
    voice?.jitter.push(rtp)
  }

  /** One frame of everyone who is to be heard now. */
  frames(): Int16Array[] {
    if (++this.#frames % framesPerReport === 0) this.#report()
    const frames: Int16Array[] = []
    for (const source of this.#voices) {
      const { jitter, resampler } = source.voice!
      if (jitter.silent) {
        if (!jitter.dry) continue
        // It keeps its decoder for the next words, but gives way to whoever speaks.
        source.level = Math.max(source.level, silent)
        if (++source.voice!.idle > idleFrames) this.#release(source)
        continue
      }
      source.voice!.idle = 0
      const pcm = jitter.pull()
      frames.push(resampler ? resampler.process(pcm) : pcm)
    }
    return frames
  }

  close(): void {
    this.tune([])
  }

  #report(): void {
    const now = performance.now()
    for (const { statistics } of this.#sources.values()) {
      const reception = statistics.report(now)
      if (reception) this.#send(writeReport({ ...listening, ssrc: (reception.ssrc ^ 1) >>> 0 }, [reception], 'telephone'))
    }
  }

  #voiceOf(source: Source, payloadType: number, name: RoomCodec): Voice | undefined {
    if (source.voice?.payloadType === payloadType) return source.voice
    this.#release(source)
    if (this.#voices.size >= mostVoices && !this.#makeRoom(source)) return undefined
    const codec = open(name, this.#rate)
    const resampler = codec.sampleRate === this.#rate ? undefined : new Resampler(codec.sampleRate, this.#rate)
    source.voice = { payloadType, codec, jitter: new JitterBuffer(codec), resampler, idle: 0 }
    this.#voices.add(source)
    return source.voice
  }

  #makeRoom(source: Source): boolean {
    let quietest = source
    for (const other of this.#voices) if (other.level > quietest.level) quietest = other
    if (quietest.level < source.level + clearlyLouder) return false
    this.#release(quietest)
    return true
  }

  #release(source: Source): void {
    source.voice?.codec.close()
    source.voice = undefined
    this.#voices.delete(source)
  }
}

function open(name: RoomCodec, rate: number): AudioCodec {
  if (name === 'opus') {
    const voice = new OpusVoice(rate)
    return {
      name,
      clockRate: 48_000,
      sampleRate: rate,
      encode: (pcm) => voice.encode(pcm),
      decode: (payload) => voice.decode(payload),
      close: () => voice.close(),
    }
  }
  const law: Law = name === 'PCMU' ? muLaw : aLaw
  return { name, clockRate: 8_000, sampleRate: 8_000, encode: law.encode, decode: law.decode, close: () => {} }
}
