import type { Layer } from './layer.ts'
import type { PacketSink } from './packet-sink.ts'
import type { PreparedPacket } from './prepared-packet.ts'

/** What is sent: the track's layers as they come from the publisher, and its packets made ready for a subscriber. */
export interface MediaSource {
  readonly kind: 'audio' | 'video'
  isLayerLive(spatial: number, now: number): boolean
  /** The best layer being sent that is not above `wanted`, else the lowest being sent. */
  bestLayer(wanted: number, now: number): Layer | undefined
  /** A packet for that sink, with `gap` bytes before the payload; undefined for one that cannot be sent. */
  prepare(source: Buffer, sink: PacketSink, gap: number, downstream: { takesRed: boolean }): PreparedPacket | undefined
}

/** A stretch of output taken from one layer: how its numbers map to ours. */
interface Segment {
  layer: Layer
  generation: number
  inStart: number
  /** Last incoming sequence number whose place in the output is certain. */
  inEnd: number
  outStart: number
  timestampOffset: number
  pictureIdOffset: number
  tl0Offset: number
}

export interface DownstreamIds {
  ssrc: number
  /** 0 when retransmissions go out on the primary SSRC. */
  rtxSsrc: number
  rtxPayloadType: number
  /** Our payload type for each codec name. */
  payloadTypes: Map<string, number>
}

const KEPT_SEGMENTS = 64
/** In a longer gap the places of packets lost are not kept apart. */
const MAX_PLACED_GAP = 512
const MAX_LEFT_OUT = 2_048
const ALL_TEMPORAL = 3
const KEPT_REPAIRS = 1_000
const MIN_REPAIR_MS = 40
const RETRY_KEYFRAME_MS = 600

/** One track on its way to one subscriber. Picks the layer, keeps the numbers the subscriber sees without gaps. */
export class Downstream {
  readonly media: MediaSource
  readonly sink: PacketSink
  ids: DownstreamIds
  /** Highest layer the subscriber wants and may have; -1: nothing. */
  targetLayer = -1
  /** True while nothing is to be sent: muted by the subscriber, or no bandwidth. */
  isPaused = false
  /** Redundant audio is stripped to its primary. */
  isPlain = false
  packets = 0
  octets = 0
  lastTimestamp = 0
  lastSentAt = 0
  fractionLost = 0
  /** Highest temporal layer to send; 0 halves the frame rate of a link that cannot carry the lowest layer whole. */
  #maxTemporal = ALL_TEMPORAL
  #wantedTemporal = ALL_TEMPORAL
  #segments: Segment[] = []
  /** The stretch the packet accepted last belongs to. */
  #accepted: Segment | undefined
  /** Highest incoming sequence number sent of the current stretch, and what was left out since, in order. */
  #inHighest = 0
  #leftOut: { sequence: number; pictureId: number }[] = []
  #outHighest: number
  #rtxSequence = Math.floor(Math.random() * 0x8000)
  readonly #repairedAt = new Map<number, number>()
  #pictureId = 0
  #tl0 = 0
  #wantedKeyframeAt = 0
  /** What comes next begins a new stretch. */
  #restart = false

  constructor(media: MediaSource, sink: PacketSink, ids: DownstreamIds) {
    this.media = media
    this.sink = sink
    this.ids = ids
    this.#outHighest = 0x10000 + Math.floor(Math.random() * 0x4000)
  }

  /** The layer now being sent, -1 for none. */
  get currentLayer(): number {
    return this.isPaused ? -1 : (this.#segments.at(-1)?.layer.spatial ?? -1)
  }

  get currentSegmentLayer(): Layer | undefined {
    return this.#segments.at(-1)?.layer
  }

  get takesRed(): boolean {
    return !this.isPlain && this.ids.payloadTypes.has('red')
  }

  /** Drops the current layer at once; the next begins at its key frame. For a link that cannot wait. */
  cut(): void {
    if (this.#segments.length > 0) this.#restart = true
  }

  /** Stops sending; sending again starts at a keyframe. */
  pause(): void {
    this.isPaused = true
  }

  /** Sending may (re)start; video waits for a keyframe. */
  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.#restart = true
  }

  /** Whether this packet of the layer is to be sent; switches layers when it may. */
  accepts(layer: Layer, prepared: PreparedPacket, now: number): boolean {
    if (this.isPaused || !this.sink.isOpen) return false
    const segment = this.#segments.at(-1)
    const isCurrent =
      segment !== undefined && segment.layer === layer && segment.generation === layer.generation && !this.#restart
    if (isCurrent) return this.#continue(segment, layer, prepared)
    if (!this.#maySwitchTo(layer, prepared, now)) return false
    this.#begin(layer, prepared, now)
    this.#accepted = this.#segments.at(-1)
    this.#inHighest = layer.sequence
    this.#leftOut = []
    return true
  }

  /** The next packet of the layer being sent: left out, sent, or sent late in the place kept for it. */
  #continue(segment: Segment, layer: Layer, prepared: PreparedPacket): boolean {
    if (this.#wantedTemporal > this.#maxTemporal && prepared.isSync) this.#maxTemporal = this.#wantedTemporal
    const { sequence } = layer
    if (sequence <= this.#inHighest) {
      this.#accepted = this.#stretchOf(sequence, layer)
      return this.#accepted !== undefined
    }
    if (prepared.temporal > this.#maxTemporal) {
      this.#leaveOut(segment, sequence, prepared.pictureId)
      return false
    }
    this.#accepted = this.#leftOut.length === 0 ? segment : this.#resumeAfterGap(segment, sequence)
    this.#inHighest = sequence
    return true
  }

  #leaveOut(segment: Segment, sequence: number, pictureId: number): void {
    if (this.#leftOut.length >= MAX_LEFT_OUT) {
      this.#leftOut = []
      this.#restart = true
      return
    }
    if (this.#leftOut.length === 0) segment.inEnd = this.#inHighest
    let at = this.#leftOut.length
    while (at > 0 && this.#leftOut[at - 1]!.sequence > sequence) at--
    this.#leftOut.splice(at, 0, { sequence, pictureId })
  }

  #stretchOf(sequence: number, layer: Layer): Segment | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!
      if (segment.layer !== layer || segment.generation !== layer.generation) return undefined
      if (sequence >= segment.inStart) return sequence <= segment.inEnd ? segment : undefined
    }
    return undefined
  }

  /**
   * Closes the gap that packets left out on purpose would make, and keeps a place for each one lost before `sequence`:
   * when it comes late, or is asked for and there by then, it goes out in it. Returns the stretch of `sequence`.
   */
  #resumeAfterGap(previous: Segment, sequence: number): Segment {
    let place = previous.outStart + this.#inHighest - previous.inStart
    let stretch = previous
    let pictures = 0
    let lastPicture = -1
    let next = 0
    const isPlaced = sequence - this.#inHighest <= MAX_PLACED_GAP
    for (let current = this.#inHighest + 1; current <= sequence; current++) {
      const leftOut = this.#leftOut[next]
      if (leftOut?.sequence === current) {
        next++
        if (leftOut.pictureId !== lastPicture) pictures++
        lastPicture = leftOut.pictureId
        continue
      }
      place++
      if (!isPlaced && current !== sequence) continue
      if (stretch.inEnd === current - 1) stretch.inEnd = current
      else {
        const pictureIdOffset = (previous.pictureIdOffset - pictures) & 0x7fff
        stretch = { ...previous, inStart: current, inEnd: current, outStart: place, pictureIdOffset }
        this.#push(stretch)
      }
    }
    this.#leftOut = this.#leftOut.slice(next)
    if (this.#leftOut.length === 0) stretch.inEnd = Number.POSITIVE_INFINITY
    return stretch
  }

  #push(segment: Segment): void {
    this.#segments.push(segment)
    if (this.#segments.length > KEPT_SEGMENTS) this.#segments.shift()
  }

  /** Sends frames up to that temporal layer: fewer at once, more from the next frame at which they can be followed. */
  setTemporal(highest: number): void {
    this.#wantedTemporal = highest
    if (highest < this.#maxTemporal) this.#maxTemporal = highest
  }

  #maySwitchTo(layer: Layer, prepared: PreparedPacket, now: number): boolean {
    if (this.media.kind === 'audio') return true
    if (!prepared.isKeyframe) return false
    if (layer.spatial === this.targetLayer) return true
    const current = this.#segments.at(-1)
    const isIdle =
      current === undefined || this.#restart || !current.layer.isLive(now) || current.generation !== current.layer.generation
    if (isIdle) return layer.spatial < this.targetLayer || !this.media.isLayerLive(this.targetLayer, now)
    const from = current.layer.spatial
    if (this.media.isLayerLive(this.targetLayer, now)) {
      // Between the current and the wanted layer is already progress.
      return from < this.targetLayer
        ? layer.spatial > from && layer.spatial < this.targetLayer
        : layer.spatial < from && layer.spatial > this.targetLayer
    }
    const best = this.media.bestLayer(this.targetLayer, now)
    return best !== undefined && best === layer && best !== current.layer
  }

  #begin(layer: Layer, prepared: PreparedPacket, now: number): void {
    const previous = this.#segments.at(-1)
    this.#restart = false
    // What of the earlier stretch comes only now has no place any more: the numbers after its last are the new stretch's.
    if (previous !== undefined) previous.inEnd = Math.min(previous.inEnd, this.#inHighest)
    this.#push({
      layer,
      generation: layer.generation,
      inStart: layer.sequence,
      inEnd: Number.POSITIVE_INFINITY,
      outStart: this.#outHighest + 1,
      timestampOffset: this.#timestampOffset(previous, layer, prepared.timestamp, now),
      pictureIdOffset: previous === undefined ? 0 : (this.#pictureId + 1 - prepared.pictureId) & 0x7fff,
      tl0Offset: previous === undefined ? 0 : (this.#tl0 + 1 - prepared.tl0PicIdx) & 0xff,
    })
  }

  /** Sender reports of both layers give the exact offset; without them time passed since the last packet must do. */
  #timestampOffset(previous: Segment | undefined, layer: Layer, timestamp: number, now: number): number {
    if (previous === undefined) return 0
    const old = previous.layer
    if (old === layer && previous.generation === layer.generation) return previous.timestampOffset
    const elapsed = Math.max(1, Math.round(((now - this.lastSentAt) * layer.clockRate) / 1000))
    if (old.srNtpMs !== 0 && layer.srNtpMs !== 0 && previous.generation === old.generation) {
      const oldAtNew = old.srRtp + Math.round(((layer.srNtpMs - old.srNtpMs) * layer.clockRate) / 1000)
      const offset = (previous.timestampOffset + oldAtNew - layer.srRtp) | 0
      const ahead = (timestamp + offset - this.lastTimestamp) | 0
      if (ahead > 0 && ahead < elapsed + layer.clockRate * 2) return offset
    }
    return (this.lastTimestamp + elapsed - timestamp) | 0
  }

  /**
   * Writes this subscriber's numbers into the prepared packet and sends it. The same buffer serves every subscriber of
   * the same form, one after the other: the native side copies it.
   */
  forward(layer: Layer, prepared: PreparedPacket, now: number): void {
    const segment = this.#accepted!
    const payloadType = this.ids.payloadTypes.get(prepared.codec)
    if (payloadType === undefined) return
    const out = segment.outStart + layer.sequence - segment.inStart
    const timestamp = (prepared.timestamp + segment.timestampOffset) >>> 0
    if (out > this.#outHighest) {
      this.#outHighest = out
      this.lastTimestamp = timestamp
      this.lastSentAt = now
      if (prepared.pictureIdAt >= 0) {
        this.#pictureId = (prepared.pictureId + segment.pictureIdOffset) & 0x7fff
        this.#tl0 = (prepared.tl0PicIdx + segment.tl0Offset) & 0xff
      }
    }
    this.packets++
    this.octets += prepared.payloadSize
    this.#patch(prepared, segment, payloadType, out, timestamp, this.ids.ssrc)
    this.#dispatch(prepared, now)
  }

  #patch(prepared: PreparedPacket, segment: Segment, payloadType: number, out: number, timestamp: number, ssrc: number): void {
    const packet = prepared.packet
    packet[1] = prepared.markerBit | payloadType
    packet[2] = (out >> 8) & 0xff
    packet[3] = out & 0xff
    packet[4] = timestamp >>> 24
    packet[5] = (timestamp >>> 16) & 0xff
    packet[6] = (timestamp >>> 8) & 0xff
    packet[7] = timestamp & 0xff
    packet[8] = ssrc >>> 24
    packet[9] = (ssrc >>> 16) & 0xff
    packet[10] = (ssrc >>> 8) & 0xff
    packet[11] = ssrc & 0xff
    if (prepared.pictureIdAt >= 0) {
      const pictureId = (prepared.pictureId + segment.pictureIdOffset) & 0x7fff
      packet[prepared.pictureIdAt] = 0x80 | (pictureId >> 8)
      packet[prepared.pictureIdAt + 1] = pictureId & 0xff
    }
    if (prepared.tl0At >= 0) packet[prepared.tl0At] = (prepared.tl0PicIdx + segment.tl0Offset) & 0xff
  }

  #dispatch(prepared: PreparedPacket, now: number): void {
    const packet = prepared.packet
    if (prepared.transportSequenceAt >= 0) {
      const sequence = this.sink.nextTransportSequence(packet.length, now)
      packet[prepared.transportSequenceAt] = sequence >> 8
      packet[prepared.transportSequenceAt + 1] = sequence & 0xff
    }
    this.sink.send(packet)
  }

  /** Answers a NACK from the publisher's packets still held. Returns whether it could. */
  retransmit(sequence: number, now: number): boolean {
    const out = this.#outHighest - ((this.#outHighest - sequence) & 0xffff)
    let index = this.#segments.length - 1
    while (index >= 0 && this.#segments[index]!.outStart > out) index--
    const segment = this.#segments[index]
    if (segment === undefined || segment.generation !== segment.layer.generation) return false
    // A full link has no room for the past: the key frame that began the current stretch makes up for it.
    if (segment.layer !== this.#segments.at(-1)!.layer && this.sink.isOverloaded) return false
    if (!this.#isRepairDue(out, now)) return false
    const source = segment.inStart + out - segment.outStart
    if (source > segment.inEnd) return false
    const stored = segment.layer.history.get(source)
    if (stored === undefined || !this.sink.mayRepair(stored.length, now)) return false
    this.#repairedAt.set(out, now)
    const rtxPayloadType = this.ids.rtxSsrc === 0 ? 0 : this.ids.rtxPayloadType
    const prepared = this.media.prepare(stored, this.sink, rtxPayloadType !== 0 ? 2 : 0, this)
    if (prepared === undefined) return false
    const payloadType = this.ids.payloadTypes.get(prepared.codec)
    if (payloadType === undefined) return false
    const timestamp = (prepared.timestamp + segment.timestampOffset) >>> 0
    if (rtxPayloadType === 0) this.#patch(prepared, segment, payloadType, out, timestamp, this.ids.ssrc)
    else {
      this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff
      this.#patch(prepared, segment, rtxPayloadType, this.#rtxSequence, timestamp, this.ids.rtxSsrc)
      // RFC 4588: the original sequence number comes first in the payload.
      prepared.packet[prepared.payloadAt - 2] = (out >> 8) & 0xff
      prepared.packet[prepared.payloadAt - 1] = out & 0xff
    }
    this.#dispatch(prepared, now)
    return true
  }

  /** A packet asked for again before the last repair can have arrived is on its way already. */
  #isRepairDue(out: number, now: number): boolean {
    const last = this.#repairedAt.get(out)
    if (this.#repairedAt.size > KEPT_REPAIRS) this.#repairedAt.clear()
    return last === undefined || now - last > Math.max(MIN_REPAIR_MS, this.sink.rttMs * 1.1)
  }

  /** The layer to ask a keyframe of, undefined when none is needed now. */
  wantsKeyframe(now: number): Layer | undefined {
    if (this.media.kind === 'audio' || this.isPaused || this.targetLayer < 0 || !this.sink.isOpen) return undefined
    const wanted = this.media.bestLayer(this.targetLayer, now)
    const current = this.#segments.at(-1)
    if (wanted === undefined) return undefined
    if (!this.#restart && current?.layer === wanted && current.generation === wanted.generation) return undefined
    if (now - this.#wantedKeyframeAt < RETRY_KEYFRAME_MS) return undefined
    this.#wantedKeyframeAt = now
    return wanted
  }

  /**
   * Our RTP timestamp now, reckoned from the publisher's last sender report; undefined before there was one. The report
   * carries our clock, not the publisher's, so that the answer to it tells the round trip.
   */
  timestampAt(now: number): number | undefined {
    const segment = this.#segments.at(-1)
    if (segment === undefined || segment.layer.srNtpMs === 0 || this.packets === 0) return undefined
    const { srRtp, srAt, clockRate } = segment.layer
    return (srRtp + Math.round(((now - srAt) * clockRate) / 1000) + segment.timestampOffset) >>> 0
  }
}
