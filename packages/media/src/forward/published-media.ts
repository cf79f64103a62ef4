import { type ExtensionIds, extensionLength, extensionStart, findExtension, RtpHeader } from '@parley/rtp'
import { beginsKeyframe, type VideoCodec } from '../payload/keyframe.ts'
import { primaryBlock } from '../payload/red.ts'
import { Vp8Descriptor } from '../payload/vp8.ts'
import type { Downstream, MediaSource } from './downstream.ts'
import { Layer } from './layer.ts'
import type { PacketSink } from './packet-sink.ts'
import { PreparedPacket } from './prepared-packet.ts'

const AUDIO_HISTORY = 256
const VIDEO_HISTORY = 1024
/** Extensions passed on; other than the dependency descriptor's none is ever longer than 16 bytes. */
const FORWARDED = ['audioLevel', 'orientation', 'dependencyDescriptor', 'playoutDelay'] as const

/** Bytes; no path carries larger ones. With other extensions they fit the scratch buffer. */
const MAX_PACKET = 1_700
/** What every prepared packet is written into: the native side copies it before the next. */
const scratch = Buffer.alloc(2048)
const header = new RtpHeader()
const vp8 = new Vp8Descriptor()

/** A published track's media: its layers and everyone it is sent to. */
export class PublishedMedia implements MediaSource {
  readonly kind: 'audio' | 'video'
  /** RTP timestamp units a second. */
  readonly clockRate: number
  /** The publisher's extension ids. */
  extensions: ExtensionIds
  /** Codec name by the publisher's payload type; RTX is not among them. */
  readonly codecs = new Map<number, string>()
  readonly layers: Layer[] = []
  /** While muted nothing is forwarded, whatever the publisher sends. */
  isMuted = false
  /** Packets sent to subscribers. */
  forwarded = 0
  bytesForwarded = 0
  readonly #groups = new Map<string, Downstream[]>()
  readonly #prepared = new PreparedPacket()
  /** Packets came while muted: the numbers that follow would look like losses, and asking for them must bring nothing. */
  #hasWithheld = false

  constructor(kind: 'audio' | 'video', extensions: ExtensionIds, clockRate = kind === 'audio' ? 48000 : 90000) {
    this.kind = kind
    this.clockRate = clockRate
    this.extensions = extensions
  }

  /** The layer of that number, made when it is new. */
  layer(spatial: number): Layer {
    let found = this.layers.find((layer) => layer.spatial === spatial)
    if (found === undefined) {
      found = new Layer(spatial, this.clockRate, this.kind === 'audio' ? AUDIO_HISTORY : VIDEO_HISTORY)
      this.layers.push(found)
      this.layers.sort((a, b) => a.spatial - b.spatial)
    }
    return found
  }

  isLayerLive(spatial: number, now: number): boolean {
    for (const layer of this.layers) if (layer.spatial === spatial) return layer.isLive(now)
    return false
  }

  /** The best layer being sent that is not above `wanted`, else the lowest being sent. */
  bestLayer(wanted: number, now: number): Layer | undefined {
    let best: Layer | undefined
    for (const layer of this.layers) {
      if (!layer.isLive(now)) continue
      if (best === undefined || layer.spatial <= wanted) best = layer
    }
    return best ?? this.layers.find(({ ssrc }) => ssrc !== 0)
  }

  get downstreamCount(): number {
    let count = 0
    for (const group of this.#groups.values()) count += group.length
    return count
  }

  *downstreams(): Generator<Downstream> {
    for (const group of this.#groups.values()) yield* group
  }

  add(downstream: Downstream): void {
    const key = groupKey(downstream)
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, [downstream])
    else group.push(downstream)
  }

  /** Sends redundant audio (RED) to a subscriber, or spares its link the second copy. */
  setPlain(downstream: Downstream, isPlain: boolean): void {
    if (downstream.isPlain === isPlain) return
    this.remove(downstream)
    downstream.isPlain = isPlain
    this.add(downstream)
  }

  remove(downstream: Downstream): void {
    for (const [key, group] of this.#groups) {
      const index = group.indexOf(downstream)
      if (index < 0) continue
      group.splice(index, 1)
      if (group.length === 0) this.#groups.delete(key)
    }
  }

  /** Sends a packet the layer has just taken to everyone who is to have it. */
  forward(layer: Layer, packet: Buffer, now: number): void {
    if (this.isMuted) {
      this.#hasWithheld = true
      return
    }
    if (this.#hasWithheld) {
      this.#hasWithheld = false
      for (const downstream of this.downstreams()) downstream.cut()
    }
    let sent = 0
    for (const group of this.#groups.values()) {
      const prepared = this.prepare(packet, group[0]!.sink, 0, group[0]!)
      if (prepared === undefined) continue
      for (let i = 0; i < group.length; i++) {
        const downstream = group[i]!
        if (!downstream.accepts(layer, prepared, now)) continue
        downstream.forward(layer, prepared, now)
        sent++
      }
    }
    this.forwarded += sent
    this.bytesForwarded += sent * packet.length
  }

  /**
   * Prepares a publisher's packet for one kind of connection, leaving `gap` bytes before the payload.
   * Returns undefined for a packet that is malformed or of an unknown payload type. The result is valid until the next call.
   */
  prepare(source: Buffer, sink: PacketSink, gap: number, downstream?: { takesRed: boolean }): PreparedPacket | undefined {
    if (source.length > MAX_PACKET || !header.read(source)) return undefined
    let codec = this.codecs.get(header.payloadType)
    if (codec === undefined) return undefined
    let start = header.payloadStart
    const end = header.payloadEnd
    if (codec === 'red' && downstream !== undefined && !downstream.takesRed) {
      start = primaryBlock(source, start, end)
      if (start < 0) return undefined
      codec = 'opus'
    }
    const prepared = this.#prepared
    prepared.reset()
    prepared.codec = codec
    prepared.markerBit = header.marker ? 0x80 : 0
    prepared.timestamp = header.timestamp
    const at = this.#writeHeader(source, sink) + gap
    prepared.payloadAt = at
    prepared.payloadSize = end - start
    source.copy(scratch, at, start, end)
    this.#describe(source, codec, start, end, at)
    prepared.packet = scratch.subarray(0, at + end - start)
    return prepared
  }

  #describe(source: Buffer, codec: string, start: number, end: number, at: number): void {
    const prepared = this.#prepared
    if (codec === 'vp8') {
      if (!vp8.read(source, start, end)) return
      prepared.isKeyframe = vp8.isKeyframe
      prepared.temporal = vp8.temporal
      prepared.isSync = vp8.isSync || vp8.isKeyframe
      if (vp8.isLongPictureId) {
        prepared.pictureIdAt = vp8.pictureIdOffset < 0 ? -1 : at + vp8.pictureIdOffset - start
        prepared.pictureId = vp8.pictureId
      }
      if (vp8.tl0Offset >= 0) {
        prepared.tl0At = at + vp8.tl0Offset - start
        prepared.tl0PicIdx = vp8.tl0PicIdx
      }
    } else if (this.kind === 'video') prepared.isKeyframe = beginsKeyframe(codec as VideoCodec, source, start, end)
  }

  /** Writes RTP header and extensions into the scratch buffer; returns where the payload goes. */
  #writeHeader(source: Buffer, { extensions }: PacketSink): number {
    scratch[0] = 0x80
    const isWide = this.#needsWideElements(source, extensions)
    let at = 16
    const sequenceId = extensions.transportSequence
    if (sequenceId !== 0) {
      at = writeElementHead(at, sequenceId, 2, isWide)
      this.#prepared.transportSequenceAt = at
      at += 2
    }
    if (header.profile !== 0) at = this.#copyExtensions(source, extensions, at, isWide)
    if (at === 16) return 12
    while ((at & 3) !== 0) scratch[at++] = 0
    scratch[0] = 0x90
    scratch[12] = isWide ? 0x10 : 0xbe
    scratch[13] = isWide ? 0x00 : 0xde
    const words = (at - 16) >> 2
    scratch[14] = words >> 8
    scratch[15] = words & 0xff
    return at
  }

  /** The description of an AV1 or VP9 key frame's structure does not fit the one-byte form (RFC 8285 section 4.3). */
  #needsWideElements(source: Buffer, extensions: ExtensionIds): boolean {
    const id = this.extensions.dependencyDescriptor
    if (id === 0 || extensions.dependencyDescriptor === 0 || header.profile === 0) return false
    const found = findExtension(source, header.profile, header.extensionStart, header.extensionEnd, id)
    return found >= 0 && extensionLength(found) > 16
  }

  #copyExtensions(source: Buffer, extensions: ExtensionIds, start: number, isWide: boolean): number {
    let at = start
    for (let i = 0; i < FORWARDED.length; i++) {
      const name = FORWARDED[i]!
      const id = extensions[name]
      if (id === 0 || this.extensions[name] === 0) continue
      const found = findExtension(source, header.profile, header.extensionStart, header.extensionEnd, this.extensions[name])
      if (found < 0) continue
      const length = extensionLength(found)
      if (length === 0 || (length > 16 && !isWide)) continue
      const from = extensionStart(found)
      at = writeElementHead(at, id, length, isWide)
      for (let j = 0; j < length; j++) scratch[at++] = source[from + j]!
    }
    return at
  }
}

function writeElementHead(at: number, id: number, length: number, isWide: boolean): number {
  if (!isWide) {
    scratch[at] = (id << 4) | (length - 1)
    return at + 1
  }
  scratch[at] = id
  scratch[at + 1] = length
  return at + 2
}

function groupKey({ sink, takesRed }: Downstream): string {
  return `${sink.formatKey} ${takesRed}`
}
