import { type ConnectionQuality, ConnectionQualityInfo, ParticipantInfo_State } from '@livekit/protocol'
import { type Connection, qualityOf } from './connection-quality.ts'
import type { Downlink } from './downlink.ts'
import type { Uplink } from './uplink.ts'

interface Reporting {
  readonly uplink: Uplink
  readonly downlink: Downlink
}

/** What RTCP is due once a second for one client: receiver and sender reports. Milliseconds of a monotonic clock. */
export function report({ uplink, downlink }: Reporting, now: number): void {
  uplink.report(now)
  downlink.report(now)
  uplink.rttMs = downlink.rttMs
}

/** How well everybody is connected, told when it changes. */
export class QualityReports {
  readonly #told = new Map<string, ConnectionQuality>()

  /** Those whose quality is another than was told last. */
  changed(participants: Iterable<Connection & { sid: string; state: ParticipantInfo_State }>): ConnectionQualityInfo[] {
    const changed: ConnectionQualityInfo[] = []
    for (const participant of participants) {
      if (participant.state !== ParticipantInfo_State.ACTIVE) continue
      const { sid } = participant
      const { quality, score } = qualityOf(participant)
      if (this.#told.get(sid) === quality) continue
      this.#told.set(sid, quality)
      changed.push(new ConnectionQualityInfo({ participantSid: sid, quality, score }))
    }
    return changed
  }

  forget(sid: string): void {
    this.#told.delete(sid)
  }
}
