import { randomInt } from 'node:crypto'
import { ntpTime, writeReport } from '@parley/rtp'
import { Downstream } from '../forward/downstream.ts'
import type { PublishedMedia } from '../forward/published-media.ts'
import { idleCodecs, PayloadTypes, subscribeCodecs } from '../sdp/codecs.ts'
import { fmtpParameters, type SdpCodec, type SdpSection, type SdpSession } from '../sdp/parse.ts'
import type { LocalSection } from '../sdp/write.ts'
import type { Transport } from './transport.ts'

/** What a downlink needs to know of a track to send it. */
export interface DownTrack {
  sid: string
  kind: 'audio' | 'video'
  /** `vp8`, `red`...: what the publisher sends, and its parameters. */
  codec: string
  fmtp: string
  media: PublishedMedia
  /** a=msid: `PA_x|TR_y`, so that the client finds participant and track. */
  stream: string
  cname: string
}

/** A track on its way into a section, or sent on one. */
export interface Carried {
  track: DownTrack
  slot: Slot | undefined
  downstream: Downstream | undefined
  ssrc: number
  rtxSsrc: number
  /** The client cannot receive the codec. */
  isUnsupported: boolean
}

interface Slot {
  mid: string
  kind: 'audio' | 'video'
  carried: Carried | undefined
  /** Carried something the client has not yet been told is gone. */
  isDirty: boolean
  codecs: SdpCodec[]
  /** The client's section, in single-connection mode. */
  remote: SdpSection | undefined
}

/** What a client receives: which track goes out on which section. */
export class Downlink {
  readonly #transport: Transport
  #slots: Slot[] = []
  readonly #carried = new Map<string, Carried>()
  readonly #byMediaSsrc = new Map<number, Downstream>()
  readonly #payloadTypes = new PayloadTypes()
  #nextMid = 1
  rttMs = 80

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get all(): IterableIterator<Carried> {
    return this.#carried.values()
  }

  get(sid: string): Carried | undefined {
    return this.#carried.get(sid)
  }

  bySsrc(ssrc: number): Downstream | undefined {
    return this.#byMediaSsrc.get(ssrc)
  }

  /** Wants a track sent; it flows once a negotiation has given it a section. */
  add(track: DownTrack): Carried {
    const carried: Carried = {
      track,
      slot: undefined,
      downstream: undefined,
      ssrc: randomInt(2, 2 ** 32 - 1),
      rtxSsrc: track.kind === 'video' ? randomInt(2, 2 ** 32 - 1) : 0,
      isUnsupported: false,
    }
    this.#carried.set(track.sid, carried)
    return carried
  }

  remove(sid: string): void {
    const carried = this.#carried.get(sid)
    if (carried === undefined) return
    this.#carried.delete(sid)
    this.#stop(carried)
    if (carried.slot !== undefined) {
      carried.slot.carried = undefined
      carried.slot.isDirty = true
    }
  }

  #stop(carried: Carried): void {
    if (carried.downstream === undefined) return
    carried.track.media.remove(carried.downstream)
    this.#byMediaSsrc.delete(carried.ssrc)
    carried.downstream = undefined
  }

  /** Whether the client has still to be told of something. */
  get needsNegotiation(): boolean {
    for (const carried of this.#carried.values()) if (carried.slot === undefined && !carried.isUnsupported) return true
    return this.#slots.some(({ isDirty }) => isDirty)
  }

  /** How many sections the client must add before every track has one (single-connection mode). */
  missingSections(): { audio: number; video: number } {
    const missing = { audio: 0, video: 0 }
    for (const { slot, track, isUnsupported } of this.#carried.values())
      if (slot === undefined && !isUnsupported) missing[track.kind]++
    for (const { kind, carried, isDirty } of this.#slots) if (carried === undefined && !isDirty) missing[kind]--
    return { audio: Math.max(0, missing.audio), video: Math.max(0, missing.video) }
  }

  // Two-connection mode: we write the offer.

  /** The media sections of our next offer, every track given one. */
  offer(): LocalSection[] {
    for (const carried of this.#carried.values()) {
      if (carried.slot !== undefined || carried.isUnsupported) continue
      const { track } = carried
      let slot = this.#slots.find((item) => item.kind === track.kind && item.carried === undefined && !item.isDirty)
      if (slot === undefined) {
        slot = {
          mid: String(this.#nextMid++),
          kind: track.kind,
          carried: undefined,
          isDirty: false,
          codecs: [],
          remote: undefined,
        }
        this.#slots.push(slot)
      }
      slot.codecs = this.#payloadTypes.offer(
        track.codec,
        track.fmtp,
        track.kind === 'audio' ? 48000 : 90000,
        track.kind === 'audio' ? 2 : 1,
      )
      slot.carried = carried
      carried.slot = slot
    }
    return this.#slots.map((slot) =>
      this.#describe(slot, this.#transport.offeredExtensions(slot.kind, slot.codecs[0]?.name ?? '')),
    )
  }

  /** The client's answer to the offer: what it accepts begins to flow. */
  answered(answer: SdpSession): void {
    for (const section of answer.sections) {
      const slot = this.#slots.find(({ mid }) => mid === section.mid)
      if (slot === undefined) continue
      if (slot.carried === undefined) slot.isDirty = false
      else if (section.rejected) {
        this.#stop(slot.carried)
        this.#begin(slot.carried, [])
      } else if (slot.carried.downstream === undefined) this.#begin(slot.carried, section.codecs)
    }
  }

  // Single-connection mode: the client writes the offer.

  /** Whether the section is one we send on. */
  owns(mid: string): boolean {
    return this.#slots.some((slot) => slot.mid === mid)
  }

  /** Of the sections we send on only these are left; what went out on others waits for another. */
  keepSections(mids: Set<string>): void {
    for (const { carried } of this.#slots.filter(({ mid }) => !mids.has(mid))) {
      if (carried === undefined) continue
      this.#stop(carried)
      carried.slot = undefined
    }
    this.#slots = this.#slots.filter(({ mid }) => mids.has(mid))
  }

  /** Answers a section the client only receives on. */
  answerSection(section: SdpSection): LocalSection {
    let slot = this.#slots.find(({ mid }) => mid === section.mid)
    if (slot === undefined) {
      slot = {
        mid: section.mid,
        kind: section.kind as 'audio' | 'video',
        carried: undefined,
        isDirty: false,
        codecs: [],
        remote: section,
      }
      this.#slots.push(slot)
    }
    slot.remote = section
    if (slot.carried === undefined && !slot.isDirty) this.#fill(slot)
    slot.isDirty = false
    if (slot.carried === undefined) slot.codecs = idleCodecs(section)
    else slot.codecs = subscribeCodecs(section, slot.carried.track.codec, slot.carried.track.fmtp)
    const local = this.#describe(slot, this.#transport.acceptExtensions(section, slot.codecs[0]?.name ?? ''))
    if (local.codecs.length === 0) local.rejected = true
    if (slot.carried !== undefined && slot.carried.downstream === undefined) this.#begin(slot.carried, slot.codecs)
    return local
  }

  #fill(slot: Slot): void {
    for (const carried of this.#carried.values()) {
      if (carried.slot !== undefined || carried.isUnsupported || carried.track.kind !== slot.kind) continue
      if (subscribeCodecs(slot.remote!, carried.track.codec, carried.track.fmtp).length === 0) {
        carried.isUnsupported = true
        continue
      }
      carried.slot = slot
      slot.carried = carried
      return
    }
  }

  #describe(slot: Slot, extensions: { id: number; uri: string }[]): LocalSection {
    const { carried } = slot
    return {
      kind: slot.kind,
      mid: slot.mid,
      direction: carried === undefined ? 'inactive' : 'sendonly',
      rejected: false,
      codecs: slot.codecs,
      extensions,
      rids: [],
      sending:
        carried === undefined
          ? undefined
          : {
              stream: carried.track.stream,
              track: carried.track.sid,
              ssrc: carried.ssrc,
              rtxSsrc: slot.codecs.some(({ name }) => name === 'rtx') ? carried.rtxSsrc : 0,
              cname: carried.track.cname,
            },
    }
  }

  /** The section's track by mid, as the client wants to be told. */
  trackIds(): Record<string, string> {
    const ids: Record<string, string> = {}
    for (const { mid, carried } of this.#slots) if (carried !== undefined) ids[mid] = carried.track.sid
    return ids
  }

  #begin(carried: Carried, accepted: SdpCodec[]): void {
    const slot = carried.slot!
    const payloadTypes = new Map<string, number>()
    let rtxPayloadType = 0
    for (const codec of slot.codecs) {
      if (!accepted.some(({ payloadType }) => payloadType === codec.payloadType)) continue
      if (codec.name !== 'rtx') payloadTypes.set(codec.name, codec.payloadType)
      else if (payloadTypes.has(carried.track.codec) && fmtpParameters(codec.fmtp).has('apt')) rtxPayloadType = codec.payloadType
    }
    if (payloadTypes.size === 0) {
      carried.isUnsupported = true
      slot.carried = undefined
      slot.isDirty = true
      carried.slot = undefined
      return
    }
    const ids = { ssrc: carried.ssrc, rtxSsrc: rtxPayloadType === 0 ? 0 : carried.rtxSsrc, rtxPayloadType, payloadTypes }
    carried.downstream = new Downstream(carried.track.media, this.#transport, ids)
    carried.track.media.add(carried.downstream)
    this.#byMediaSsrc.set(carried.ssrc, carried.downstream)
  }

  /** Once a second: sender reports, which the client needs to play audio and video in step. */
  report(now: number): void {
    if (!this.#transport.isOpen) return
    const ntp = ntpTime(Date.now())
    for (const { downstream, track } of this.#carried.values()) {
      const timestamp = downstream?.timestampAt(now)
      if (downstream === undefined || timestamp === undefined) continue
      const { packets, octets, ids } = downstream
      this.#transport.send(writeReport({ ssrc: ids.ssrc, ntp, timestamp, packets, octets }, [], track.cname))
    }
  }

  close(): void {
    for (const carried of this.#carried.values()) this.#stop(carried)
    this.#carried.clear()
  }
}
