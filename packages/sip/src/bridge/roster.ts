import { type JoinResponse, type ParticipantInfo, ParticipantInfo_State, TrackType } from '@livekit/protocol'

export interface RosterEvents {
  joined(identity: string): void
  left(identity: string): void
  published(trackSid: string, identity: string): void
}

/** Who else is in the room, and what sound they have there. */
export class Roster {
  readonly #events: RosterEvents
  /** Identity and sound by participant. */
  readonly #others = new Map<string, { identity: string; tracks: Set<string> }>()
  #own = ''

  constructor(events: RosterEvents) {
    this.#events = events
  }

  get tracks(): { sid: string; identity: string }[] {
    return [...this.#others.values()].flatMap(({ identity, tracks }) => [...tracks].map((sid) => ({ sid, identity })))
  }

  /** Take those who were there before us. */
  begin({ participant, otherParticipants }: JoinResponse): void {
    this.#own = participant?.identity ?? ''
    for (const other of otherParticipants) this.#see(other, false)
  }

  update(changed: ParticipantInfo[]): void {
    for (const info of changed) {
      if (info.identity === this.#own) continue
      if (info.state !== ParticipantInfo_State.DISCONNECTED) this.#see(info, true)
      else if (this.#others.delete(info.sid)) this.#events.left(info.identity)
    }
  }

  #see({ sid, identity, tracks }: ParticipantInfo, tell: boolean): void {
    const known = this.#others.get(sid)
    const sound = new Set(tracks.filter(({ type }) => type === TrackType.AUDIO).map((track) => track.sid))
    this.#others.set(sid, { identity, tracks: sound })
    if (!known && tell) this.#events.joined(identity)
    for (const track of sound) if (!known?.tracks.has(track)) this.#events.published(track, identity)
  }
}
