import { StreamState, StreamStateInfo, StreamStateUpdate } from '@livekit/protocol'
import type { Carried } from './downlink.ts'
import type { Participant } from './participant.ts'
import type { PublishedTrack } from './published-track.ts'
import type { Room } from './room.ts'

/** Share of the estimate that may be spent; the rest is for retransmissions and data. */
const SPENDABLE = 0.92
/** Set aside for each audio track, bits per second. */
const AUDIO_BPS = 50_000
const CALM_QUEUE_MS = 40
const FIRST_BACKOFF_MS = 4_000
const LONGEST_BACKOFF_MS = 60_000

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
  pausedSids: Set<string>
}

/** Shares a subscriber's bandwidth out over its videos: a low layer for each first, then better ones, screens before faces. */
export class Allocator {
  readonly #room: Room
  readonly #probing = new WeakMap<Participant, Probing>()

  constructor(room: Room) {
    this.#room = room
  }

  /** Decides the layers of one subscriber and puts them into effect. */
  apply(participant: Participant, now: number): void {
    const demands = this.#demands(participant)
    if (demands.length === 0) return
    const probing = this.#probingOf(participant)
    const { estimator } = participant.subscriber
    const audio = [...participant.downlink.all].filter(({ track }) => track.kind === 'audio').length * AUDIO_BPS
    let left = estimator.estimate * SPENDABLE - audio
    const unmet = this.#share(demands, left, now)
    if (unmet !== undefined && this.#mayProbe(participant, probing, now)) {
      estimator.estimate += unmet * 1.1
      probing.at = now
      left = estimator.estimate * SPENDABLE - audio
      this.#share(demands, left, now)
    }
    this.#enforce(participant, demands, probing, now)
  }

  #demands(participant: Participant): Demand[] {
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
      } else demands.push({ carried, track: found.track, wanted, given: -1 })
    }
    return demands.sort((a, b) => Number(b.track.isScreen) - Number(a.track.isScreen))
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

  #mayProbe(participant: Participant, probing: Probing, now: number): boolean {
    const { estimator } = participant.subscriber
    const hasFailed = estimator.droppedAt > probing.at && probing.at !== 0
    if (hasFailed) {
      probing.backoff = Math.min(LONGEST_BACKOFF_MS, probing.backoff * 2)
      probing.at = 0
    } else if (now - estimator.droppedAt > 30_000) probing.backoff = FIRST_BACKOFF_MS
    const isCalm = estimator.queueMs < CALM_QUEUE_MS && estimator.loss < 0.02
    return isCalm && now - Math.max(estimator.droppedAt, probing.at) > probing.backoff
  }

  #enforce(participant: Participant, demands: Demand[], probing: Probing, now: number): void {
    const { estimator } = participant.subscriber
    const isStarved = estimator.queueMs > 60 || estimator.loss > 0.1
    const states: StreamStateInfo[] = []
    for (const { carried, track, wanted, given } of demands) {
      const downstream = carried.downstream!
      const { sid } = carried.track
      // A low layer that does not quite fit is worth trying until the link says it does not.
      const isStopped = given < 0 && (wanted < 0 || (isStarved && participant.init.subscriberAllowPause))
      downstream.targetLayer = isStopped ? -1 : Math.max(0, Math.min(wanted, given))
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

  #probingOf(participant: Participant): Probing {
    let probing = this.#probing.get(participant)
    if (probing === undefined) {
      probing = { at: 0, backoff: FIRST_BACKOFF_MS, pausedSids: new Set() }
      this.#probing.set(participant, probing)
    }
    return probing
  }
}

function highestLayer(track: PublishedTrack): number {
  return track.info.simulcast ? Math.max(0, track.info.layers.length - 1) : 0
}
