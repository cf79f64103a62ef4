import { StreamState, StreamStateInfo, StreamStateUpdate } from '@livekit/protocol'
import type { Layer } from '../forward/layer.ts'
import type { Carried, Downlink } from './downlink.ts'
import type { PublishedTrack } from './published-track.ts'
import type { Transport } from './transport.ts'

/** Share of the estimate that may be spent; the rest is for retransmissions and data. */
const SPENDABLE = 0.92
/** Set aside for each audio track, bits per second. */
const AUDIO_BPS = 50_000
const CALM_QUEUE_MS = 40
/** Below the first, audio goes without redundancy; above the second it has it again. Bits per second. */
const PLAIN_BELOW = 300_000
const RED_ABOVE = 500_000
/** A video is paused when the link has for this long not carried half of its lowest layer, and tried again after the other. */
const STARVED_MS = 4_000
/** Frames up to the second of three temporal layers take about this share of a video. */
const HALF_RATE_SHARE = 0.6
const ALL_TEMPORAL = 3
const RETRY_MS = 10_000
const FIRST_BACKOFF_MS = 15_000
const LONGEST_BACKOFF_MS = 60_000

/** What is read of the room: whose a track is. */
export interface AllocatorRoom {
  trackBySid(sid: string): { participant: { readonly sid: string }; track: PublishedTrack } | undefined
  requestKeyframe(layer: Layer, now: number): void
}

/** What is read of a subscriber: what it receives, over which link, and how it wants it. */
export interface Subscriber {
  readonly downlink: Pick<Downlink, 'all'>
  readonly subscriber: Transport
  readonly settings: ReadonlyMap<string, { disabled: boolean }>
  readonly init: { readonly subscriberAllowPause: boolean }
  /** The highest layer it wants of a track; -1 for nothing. */
  wantedLayer(carried: Carried, track: PublishedTrack): number
  send(message: { case: 'streamStateUpdate'; value: StreamStateUpdate }): void
}

interface Demand {
  carried: Carried
  track: PublishedTrack
  wanted: number
  given: number
}

interface Probing {
  /** When the last attempt to go up was made. */
  at: number
  backoff: number
  /** Since when even low layers do not fit; 0 when they do. */
  starvedSince: number
  pausedAt: number
  pausedSids: Set<string>
}

/** Shares a subscriber's bandwidth out over its videos: a low layer for each first, then better ones, screens before faces. */
export class Allocator {
  readonly #room: AllocatorRoom
  readonly #probing = new WeakMap<Subscriber, Probing>()

  constructor(room: AllocatorRoom) {
    this.#room = room
  }

  /** Decides the layers of one subscriber and puts them into effect. */
  apply(participant: Subscriber, now: number): void {
    const demands = this.#demands(participant)
    if (demands.length === 0) return
    const probing = this.#probingOf(participant)
    const { estimator } = participant.subscriber
    const audio = [...participant.downlink.all].filter(({ track }) => track.kind === 'audio').length * AUDIO_BPS
    const isBlind = estimator.isBlind(now) || participant.subscriber.extensions.transportSequence === 0
    let left = isBlind ? Number.POSITIVE_INFINITY : estimator.estimate * SPENDABLE - audio
    const unmet = this.#share(demands, left, now)
    if (unmet !== undefined && this.#mayProbe(participant, probing, now)) {
      estimator.estimate += unmet * 1.1
      probing.at = now
      left = estimator.estimate * SPENDABLE - audio
      this.#share(demands, left, now)
    }
    const isStarved = this.#isStarved(participant, demands, probing, left, now)
    this.#enforce(participant, demands, probing, isStarved, left, now)
  }

  #demands(participant: Subscriber): Demand[] {
    const demands: Demand[] = []
    for (const carried of participant.downlink.all) {
      const { downstream, track: down } = carried
      if (downstream === undefined) continue
      const found = this.#room.trackBySid(down.sid)
      if (found === undefined) continue
      const wanted = participant.wantedLayer(carried, found.track)
      if (down.kind === 'audio') {
        if (wanted < 0 && participant.settings.get(down.sid)?.disabled === true) downstream.pause()
        else downstream.resume()
        downstream.targetLayer = 0
        down.media.setPlain(downstream, this.#isTooThinForRed(participant, downstream.isPlain))
      } else demands.push({ carried, track: found.track, wanted, given: -1 })
    }
    return demands.sort((a, b) => Number(b.track.isScreen) - Number(a.track.isScreen))
  }

  #isTooThinForRed(participant: Subscriber, isPlain: boolean): boolean {
    const { estimator } = participant.subscriber
    if (estimator.droppedAt === 0) return false
    return estimator.estimate < (isPlain ? RED_ABOVE : PLAIN_BELOW)
  }

  /** Whether videos that do not fit are to stop altogether: only after a while, for each start costs a key frame. */
  #isStarved(participant: Subscriber, demands: Demand[], probing: Probing, budget: number, now: number): boolean {
    if (!participant.init.subscriberAllowPause) return false
    if (probing.pausedAt !== 0 && now - probing.pausedAt < RETRY_MS) return true
    probing.pausedAt = 0
    const lowest = demands.filter(({ wanted }) => wanted >= 0).map(({ track }) => track.bitrateOf(0, now))
    if (lowest.length === 0 || budget > Math.min(...lowest) / 2) probing.starvedSince = 0
    else if (probing.starvedSince === 0) probing.starvedSince = now
    if (probing.starvedSince === 0 || now - probing.starvedSince < STARVED_MS) return false
    probing.starvedSince = 0
    probing.pausedAt = now
    return true
  }

  /** Gives layers within `budget`; returns how many bits per second the cheapest refused step lacked. */
  #share(demands: Demand[], budget: number, now: number): number | undefined {
    let left = budget
    let lacking: number | undefined
    for (const demand of demands) demand.given = -1
    for (let step = 0; step <= 2; step++) {
      for (const demand of demands) {
        const highest = Math.min(demand.wanted, highestLayer(demand.track))
        if (demand.wanted < 0 || step > highest || demand.given !== step - 1) continue
        const cost = demand.track.bitrateOf(step, now) - (step === 0 ? 0 : demand.track.bitrateOf(step - 1, now))
        if (cost <= left) {
          demand.given = step
          left -= Math.max(0, cost)
        } else if (lacking === undefined || cost - left < lacking) lacking = cost - left
      }
    }
    return lacking
  }

  #mayProbe(participant: Subscriber, probing: Probing, now: number): boolean {
    const { estimator } = participant.subscriber
    const hasFailed = estimator.droppedAt > probing.at && probing.at !== 0
    if (hasFailed) {
      probing.backoff = Math.min(LONGEST_BACKOFF_MS, probing.backoff * 2)
      probing.at = 0
    } else if (now - estimator.droppedAt > 90_000) probing.backoff = FIRST_BACKOFF_MS
    const isCalm = estimator.queueMs < CALM_QUEUE_MS && estimator.loss < 0.02
    return isCalm && now - Math.max(estimator.droppedAt, probing.at) > probing.backoff
  }

  #enforce(participant: Subscriber, demands: Demand[], probing: Probing, isStarved: boolean, budget: number, now: number): void {
    const { isChoked } = participant.subscriber
    const isThin = participant.subscriber.estimator.droppedAt !== 0
    const states: StreamStateInfo[] = []
    for (const { carried, track, wanted, given } of demands) {
      const downstream = carried.downstream!
      const { sid } = carried.track
      // A low layer that does not quite fit is worth trying until the link says it does not.
      const isStopped = given < 0 && (wanted < 0 || (isStarved && participant.init.subscriberAllowPause))
      downstream.targetLayer = isStopped ? -1 : Math.max(0, Math.min(wanted, given))
      downstream.setTemporal(given >= 0 || !isThin ? ALL_TEMPORAL : budget > track.bitrateOf(0, now) * HALF_RATE_SHARE ? 1 : 0)
      if (isChoked && downstream.currentLayer > downstream.targetLayer) downstream.cut()
      if (isStopped) downstream.pause()
      else downstream.resume()
      const isPausedByUs = isStopped && wanted >= 0
      if (isPausedByUs !== probing.pausedSids.has(sid)) {
        if (isPausedByUs) probing.pausedSids.add(sid)
        else probing.pausedSids.delete(sid)
        const publisher = this.#room.trackBySid(sid)!.participant
        const state = isPausedByUs ? StreamState.PAUSED : StreamState.ACTIVE
        states.push(new StreamStateInfo({ participantSid: publisher.sid, trackSid: sid, state }))
      }
      const layer = track.media === undefined ? undefined : downstream.wantsKeyframe(now)
      if (layer !== undefined) this.#room.requestKeyframe(layer, now)
    }
    if (states.length > 0) participant.send({ case: 'streamStateUpdate', value: new StreamStateUpdate({ streamStates: states }) })
  }

  #probingOf(participant: Subscriber): Probing {
    let probing = this.#probing.get(participant)
    if (probing === undefined) {
      probing = { at: 0, backoff: FIRST_BACKOFF_MS, starvedSince: 0, pausedAt: 0, pausedSids: new Set() }
      this.#probing.set(participant, probing)
    }
    return probing
  }
}

function highestLayer(track: PublishedTrack): number {
  return track.info.simulcast ? Math.max(0, track.info.layers.length - 1) : 0
}
