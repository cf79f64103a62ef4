import type { TrackInfo } from '@livekit/protocol'
import {
  extensionLength,
  extensionStart,
  FeedbackWriter,
  findExtension,
  middleOf,
  type ReportBlock,
  RtpHeader,
  unixMsOf,
  writeNack,
  writeReceiverReport,
} from '@parley/rtp'
import type { Layer } from '../forward/layer.ts'
import { PublishedMedia } from '../forward/published-media.ts'
import { idleCodecs, type PublishWishes, publishCodecs } from '../sdp/codecs.ts'
import { fmtpParameters, type SdpSection } from '../sdp/parse.ts'
import type { LocalSection } from '../sdp/write.ts'
import type { Transport } from './transport.ts'

/** One section on which the client publishes. */
interface UplinkSection {
  mid: string
  media: PublishedMedia
  /** Track published on it, once known. */
  sid: string
  /** RTX payload type to the one it repairs. */
  rtx: Map<number, number>
  rids: string[]
  onAudioLevel: ((level: number, now: number) => void) | undefined
}

interface Stream {
  section: UplinkSection
  layer: Layer
  isRtx: boolean
}

const FEEDBACK_INTERVAL_MS = 60
const MAX_STREAMS = 256

const header = new RtpHeader()

/** What a client sends us: takes its RTP apart into layers, asks for what is missing and reports how it arrives. */
export class Uplink {
  readonly #transport: Transport
  readonly #sections = new Map<string, UplinkSection>()
  readonly #streams = new Map<number, Stream>()
  readonly #feedback = new FeedbackWriter()
  #feedbackAt = 0
  #anySsrc = 0
  rttMs = 80
  /** Share of packets lost in the last report interval, 0 to 1. */
  loss = 0
  /** Packets since start, for the connection quality. */
  packets = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The sections something is published on. */
  mids(): string[] {
    return [...this.#sections.keys()]
  }

  section(mid: string): UplinkSection | undefined {
    return this.#sections.get(mid)
  }

  /**
   * Negotiates a section the client sends on, returns our half of it. `track` is what it publishes there, undefined when no
   * AddTrackRequest speaks of it: then it stays inactive.
   */
  negotiate(
    section: SdpSection,
    track: TrackInfo | undefined,
    wishes: PublishWishes,
  ): { local: LocalSection; codec: string; fmtp: string } {
    const codecs = track === undefined ? [] : publishCodecs(section, wishes)
    const extensions = this.#transport.acceptExtensions(section, codecs[0]?.name ?? '')
    const isUsable = codecs.length > 0
    const local: LocalSection = {
      kind: section.kind,
      mid: section.mid,
      direction: isUsable ? 'recvonly' : 'inactive',
      rejected: false,
      codecs: isUsable ? codecs : idleCodecs(section).map((codec) => ({ ...codec, feedback: [] })),
      extensions,
      rids: isUsable ? section.rids : [],
      sending: undefined,
    }
    if (local.codecs.length === 0) local.rejected = true
    if (track === undefined || !isUsable) return { local, codec: '', fmtp: '' }
    let known = this.#sections.get(section.mid)
    if (known === undefined) {
      const media = new PublishedMedia(section.kind as 'audio' | 'video', this.#transport.extensions, codecs[0]!.clockRate)
      known = { mid: section.mid, media, sid: '', rtx: new Map(), rids: [], onAudioLevel: undefined }
      this.#sections.set(section.mid, known)
    }
    known.rids = section.rids
    known.media.codecs.clear()
    known.rtx.clear()
    for (const codec of codecs) {
      if (codec.name === 'rtx') known.rtx.set(codec.payloadType, Number(fmtpParameters(codec.fmtp).get('apt')))
      else known.media.codecs.set(codec.payloadType, codec.name)
    }
    this.#learnSsrcs(section, known)
    return { local, codec: codecs[0]!.name, fmtp: codecs[0]!.fmtp }
  }

  /** The media of a section for a newly published track: fresh, so that nothing of an earlier track is left. */
  attach(mid: string, sid: string, onAudioLevel: ((level: number, now: number) => void) | undefined): PublishedMedia | undefined {
    const section = this.#sections.get(mid)
    if (section === undefined) return undefined
    section.sid = sid
    section.onAudioLevel = onAudioLevel
    return section.media
  }

  /** Nothing more comes on that section. */
  detach(mid: string): void {
    const section = this.#sections.get(mid)
    if (section === undefined) return
    this.#sections.delete(mid)
    for (const [ssrc, stream] of this.#streams) if (stream.section === section) this.#streams.delete(ssrc)
  }

  #learnSsrcs(section: SdpSection, known: UplinkSection): void {
    if (section.rids.length > 0) return
    const repair = new Map(section.repairs.map(({ primary, rtx }) => [rtx, primary]))
    for (const ssrc of section.ssrcs) {
      if (this.#streams.has(ssrc) || repair.has(ssrc)) continue
      this.#bind(ssrc, known, 0)
      break
    }
    for (const [rtx, primary] of repair) {
      const stream = this.#streams.get(primary)
      if (stream?.section !== known) continue
      stream.layer.rtxSsrc = rtx
      this.#streams.set(rtx, { section: known, layer: stream.layer, isRtx: true })
    }
  }

  #bind(ssrc: number, section: UplinkSection, spatial: number): Stream {
    const layer = section.media.layer(spatial)
    if (layer.ssrc !== 0) this.#streams.delete(layer.ssrc)
    layer.start(ssrc)
    const stream = { section, layer, isRtx: false }
    this.#streams.set(ssrc, stream)
    this.#anySsrc = ssrc
    return stream
  }

  /** Takes an RTP packet. Returns false when it was malformed or belongs to nothing negotiated. */
  receive(packet: Buffer, now: number): boolean {
    if (!header.read(packet)) return false
    const ids = this.#transport.extensions
    if (header.profile !== 0 && ids.transportSequence !== 0) {
      const found = findExtension(packet, header.profile, header.extensionStart, header.extensionEnd, ids.transportSequence)
      if (found >= 0 && extensionLength(found) === 2) {
        const at = extensionStart(found)
        this.#feedback.record((packet[at]! << 8) | packet[at + 1]!, now)
      }
    }
    const stream = this.#streams.get(header.ssrc) ?? this.#identify(packet)
    if (stream === undefined) return false
    this.packets++
    if (!stream.isRtx) return this.#take(stream, packet, now)
    const restored = this.#unwrap(stream, packet)
    if (restored === undefined) return true
    return header.read(restored) && this.#take(stream, restored, now)
  }

  #take(stream: Stream, packet: Buffer, now: number): boolean {
    const { section, layer } = stream
    if (header.payloadEnd === header.payloadStart && section.media.kind === 'audio') return true
    if (!layer.receive(packet, header, now)) return true
    if (section.onAudioLevel !== undefined) this.#readAudioLevel(section, packet, now)
    section.media.forward(layer, packet, now)
    return true
  }

  #readAudioLevel(section: UplinkSection, packet: Buffer, now: number): void {
    const found = findExtension(
      packet,
      header.profile,
      header.extensionStart,
      header.extensionEnd,
      this.#transport.extensions.audioLevel,
    )
    if (found >= 0) section.onAudioLevel!(packet[extensionStart(found)]! & 0x7f, now)
  }

  /** A new SSRC: its mid and rid extensions say what it is. */
  #identify(packet: Buffer): Stream | undefined {
    if (this.#streams.size >= MAX_STREAMS || header.profile === 0) return undefined
    const ids = this.#transport.extensions
    const section = this.#sections.get(readText(packet, ids.mid))
    if (section === undefined) return undefined
    const repaired = readText(packet, ids.repairedRid)
    if (repaired !== '') {
      const layer = section.media.layer(spatialOf(repaired, section.rids))
      layer.rtxSsrc = header.ssrc
      const stream = { section, layer, isRtx: true }
      this.#streams.set(header.ssrc, stream)
      return stream
    }
    if (section.rtx.has(header.payloadType)) return undefined
    const rid = readText(packet, ids.rid)
    if (rid === '' && section.rids.length > 0) return undefined
    return this.#bind(header.ssrc, section, rid === '' ? 0 : spatialOf(rid, section.rids))
  }

  /** RFC 4588: gives a retransmitted packet its own sequence number, SSRC and payload type back. */
  #unwrap(stream: Stream, packet: Buffer): Buffer | undefined {
    const payloadType = stream.section.rtx.get(header.payloadType)
    // Two bytes of sequence number and nothing else, or not even that: padding sent to probe the bandwidth.
    if (payloadType === undefined || header.payloadEnd - header.payloadStart <= 2 || stream.layer.ssrc === 0) return undefined
    const start = header.payloadStart
    const restored = Buffer.allocUnsafe(header.payloadEnd - 2)
    packet.copy(restored, 0, 0, start)
    packet.copy(restored, start, start + 2, header.payloadEnd)
    restored[0] = packet[0]! & ~32
    restored[1] = (packet[1]! & 0x80) | payloadType
    restored[2] = packet[start]!
    restored[3] = packet[start + 1]!
    restored.writeUInt32BE(stream.layer.ssrc, 8)
    return restored
  }

  /** A sender report of the client, with NTP time as two halves. */
  senderReport(ssrc: number, ntpHigh: number, ntpLow: number, rtpTimestamp: number, now: number): void {
    const stream = this.#streams.get(ssrc)
    if (stream === undefined || stream.isRtx) return
    const { layer } = stream
    layer.srNtpHigh = ntpHigh
    layer.srNtpLow = ntpLow
    layer.srNtpMs = unixMsOf(ntpHigh, ntpLow)
    layer.srRtp = rtpTimestamp
    layer.srAt = now
  }

  /** What is due every few milliseconds: feedback for congestion control, requests for missing packets. */
  tick(now: number): void {
    if (!this.#transport.isOpen) return
    if (now - this.#feedbackAt >= FEEDBACK_INTERVAL_MS && !this.#feedback.isEmpty) {
      this.#feedbackAt = now
      for (const packet of this.#feedback.write(this.#anySsrc)) this.#transport.send(packet)
    }
    for (const { layer, isRtx } of this.#streams.values()) {
      if (isRtx || !layer.hasMissing) continue
      const wanted = layer.collectMissing(now, this.rttMs)
      if (wanted.length > 0) this.#transport.send(writeNack(layer.ssrc, wanted))
    }
  }

  /** What is due once a second: receiver reports and bit rates. */
  report(now: number): void {
    const blocks: ReportBlock[] = []
    let fraction = 0
    for (const { layer, isRtx } of this.#streams.values()) {
      if (isRtx || layer.highest === 0) continue
      layer.measure(now)
      const { fractionLost, lost } = layer.report()
      fraction = Math.max(fraction, fractionLost)
      blocks.push({
        ssrc: layer.ssrc,
        fractionLost: fractionLost / 256,
        lost,
        highest: layer.highest - 0x10000,
        jitter: Math.round(layer.jitter),
        lastSenderReport: layer.srNtpMs === 0 ? 0 : middleOf(layer.srNtpHigh, layer.srNtpLow),
        delaySinceSenderReport: layer.srNtpMs === 0 ? 0 : Math.round(((now - layer.srAt) * 65536) / 1000),
      })
    }
    this.loss = fraction / 256
    if (blocks.length > 0 && this.#transport.isOpen) this.#transport.send(writeReceiverReport(blocks))
  }
}

function readText(packet: Buffer, id: number): string {
  const found = findExtension(packet, header.profile, header.extensionStart, header.extensionEnd, id)
  if (found < 0) return ''
  const from = extensionStart(found)
  return packet.toString('latin1', from, from + extensionLength(found))
}

/** LiveKit names layers q, h, f from low to high; other names count in the order of the SDP. */
function spatialOf(rid: string, rids: string[]): number {
  const known = 'qhf'.indexOf(rid)
  if (rid.length === 1 && known >= 0) {
    // With two layers a client sends q and h, or with one only f.
    return rids.length === 1 ? 0 : known
  }
  return Math.max(0, Math.min(2, rids.indexOf(rid)))
}
