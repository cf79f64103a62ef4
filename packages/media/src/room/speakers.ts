import { SpeakerInfo } from '@livekit/protocol'

/** Levels are in -dBov (RFC 6464): 0 is loudest, 127 silence. Louder than this counts as speech. */
const ACTIVE_LEVEL = 35
/** Share of an interval's packets that must be that loud. */
const ACTIVE_SHARE = 0.4
const SMOOTHING = 0.5

interface Voice {
  participantSid: string
  loud: number
  total: number
  sum: number
  level: number
  isActive: boolean
}

/** Who is speaking, from the audio level every RTP packet of a microphone carries. */
export class Speakers {
  readonly #voices = new Map<string, Voice>()

  /** What takes the levels of one audio track. */
  listener(participantSid: string, trackSid: string): (level: number, now: number) => void {
    const voice: Voice = { participantSid, loud: 0, total: 0, sum: 0, level: 0, isActive: false }
    this.#voices.set(trackSid, voice)
    return (level) => {
      voice.total++
      if (level > ACTIVE_LEVEL) return
      voice.loud++
      voice.sum += 10 ** (-level / 20)
    }
  }

  remove(trackSid: string): void {
    this.#voices.delete(trackSid)
  }

  /** Ends an interval. Returns those whose state or loudness changed enough to tell, those who fell silent among them. */
  update(): SpeakerInfo[] {
    const changed: SpeakerInfo[] = []
    for (const voice of this.#voices.values()) {
      const isActive = voice.total >= 3 && voice.loud / voice.total >= ACTIVE_SHARE
      const current = isActive ? voice.sum / voice.loud : 0
      const level = voice.level + (current - voice.level) * SMOOTHING
      const differs = voice.isActive !== isActive || (isActive && Math.abs(level - voice.level) > 0.02)
      voice.level = isActive ? level : 0
      voice.isActive = isActive
      voice.loud = 0
      voice.total = 0
      voice.sum = 0
      if (differs) changed.push(new SpeakerInfo({ sid: voice.participantSid, level: Math.min(1, voice.level), active: isActive }))
    }
    return changed.sort((a, b) => b.level - a.level)
  }

  /** Everyone speaking now, loudest first: what a newcomer is told. */
  active(): SpeakerInfo[] {
    return [...this.#voices.values()]
      .filter(({ isActive }) => isActive)
      .map(({ participantSid, level }) => new SpeakerInfo({ sid: participantSid, level: Math.min(1, level), active: true }))
  }
}
