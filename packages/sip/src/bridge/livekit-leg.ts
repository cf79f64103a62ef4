import { Ear } from './ear.ts'
import { type HubMember, hubOf, type RoomHub } from './hub.ts'
import { Microphone } from './microphone.ts'
import { type End, Participation, type ParticipationEvents } from './participation.ts'
import type { RoomEvents, RoomLeg } from './room.ts'

const timeout = 15_000
/** Pauses before each attempt to come back to a room whose connection broke, and how long an attempt may take. */
const returns = [100, 400, 1_000, 2_000, 2_000]
const returnTimeout = 5_000

/** A phone in a LiveKit room: publishes a microphone, and hears all other sound through its hub. */
export class LivekitLeg implements RoomLeg, HubMember {
  readonly #url: string
  readonly #events: RoomEvents
  readonly #hub: RoomHub
  readonly #ear: Ear
  readonly #microphone: Microphone
  readonly #rate: number
  readonly #returns: readonly number[]
  #token: string
  #participation: Participation | undefined
  #identity = ''
  #muted = false
  /** Whether getting into the room is done; until then its end is a failure to get in. */
  #isInside = false
  /** Whether the room has our microphone. */
  #isPublished = false
  #closed = false

  /** `pauses`: milliseconds before each attempt to come back when the connection broke. */
  constructor(url: string, token: string, rate: number, events: RoomEvents, pauses: readonly number[] = returns) {
    this.#returns = pauses
    this.#url = url
    this.#token = token
    this.#rate = rate
    this.#events = events
    this.#hub = hubOf(url, token, rate)
    this.#ear = new Ear(rate, (packet) => this.#participation?.send(packet))
    this.#microphone = new Microphone(rate, (packet) => this.#participation?.send(packet))
  }

  get identity(): string {
    return this.#identity
  }

  /** Join. Rejects when the room cannot be joined. */
  async connect(): Promise<void> {
    await this.#enter(timeout, true)
  }

  async #enter(patience: number, publish: boolean): Promise<void> {
    const participation = new Participation(
      this.#url,
      this.#token,
      this.#listening(() => participation),
    )
    this.#participation = participation
    try {
      await participation.enter(patience)
      this.#identity = participation.identity
      // Before anything is published, so that the hub's listener knows the track for one it need not fetch.
      this.#hub.join(this)
      // Who may only listen, as in a broadcast, has nothing to publish, and is not heard by the hub either.
      if (publish && participation.maySpeak) await this.#publish(participation, patience)
      else {
        await participation.listen(patience)
        this.#muted = true
      }
      this.#isInside = true
    } catch (error) {
      this.#abandon(participation)
      throw error
    }
  }

  /** What a participation tells, for as long as it is the present one. */
  #listening(own: () => Participation): ParticipationEvents {
    const present = (act: () => void) => {
      if (!this.#closed && this.#participation === own()) act()
    }
    return {
      joined: () => present(() => this.#events.others('joined')),
      left: () => present(() => this.#events.others('left')),
      published: (sid, identity) => present(() => this.#subscribeTo([{ sid, identity }])),
      muted: (muted) => present(() => this.#silence(muted)),
      unpublished: () =>
        present(() => {
          this.#isPublished = false
          this.#microphone.stop()
          this.#silence(true)
        }),
      receiving: (sections) => present(() => this.#ear.tune(sections)),
      packet: (packet) => this.#ear.packet(packet),
      token: (token) => present(() => (this.#token = token)),
      ended: (why) => present(() => this.#isInside && void this.#ended(why)),
    }
  }

  async #publish(participation: Participation, patience: number): Promise<void> {
    // PCMU is what telephones speak and every WebRTC client knows; wide-band telephones keep their band by Opus.
    const codec = this.#rate === 8_000 && participation.takes('PCMU') ? 'PCMU' : 'opus'
    const publication = await participation.publish(codec, this.#muted, patience)
    if (this.#participation !== participation) return
    this.#microphone.start(publication)
    this.#isPublished = true
  }

  speak(pcm: Int16Array): void {
    if (this.#closed || !this.#isPublished) return
    if (this.#muted) this.#microphone.mute()
    else if (this.#microphone.speak(pcm)) this.#hub.say(this, pcm)
  }

  hear(): Int16Array | undefined {
    return this.#hub.hear(this)
  }

  roomFrames(): Int16Array[] {
    return this.#ear.frames()
  }

  subscribe(): void {
    this.#subscribeTo(this.#participation?.tracks ?? [])
  }

  async setMuted(muted: boolean): Promise<void> {
    if (muted === this.#muted) return
    const participation = this.#participation
    // Who might not speak on the way in, or for a while, has nothing published.
    if (!muted && !this.#isPublished && participation) {
      this.#muted = false
      await this.#publish(participation, timeout).catch((error: unknown) => {
        this.#muted = true
        throw error
      })
    } else participation?.setMuted(muted)
    this.#muted = muted
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#participation) this.#abandon(this.#participation)
  }

  #subscribeTo(tracks: { sid: string; identity: string }[]): void {
    if (!this.#hub.isListener(this)) return
    this.#participation?.subscribe(tracks.filter(({ identity }) => !this.#hub.has(identity)).map(({ sid }) => sid))
  }

  #silence(muted: boolean): void {
    if (muted === this.#muted) return
    this.#muted = muted
    this.#events.muted(muted)
  }

  /** Let go of a participation and of all that hangs on it. */
  #abandon(participation: Participation): void {
    participation.close()
    if (this.#participation !== participation) return
    this.#participation = undefined
    this.#isInside = false
    this.#isPublished = false
    this.#microphone.stop()
    this.#hub.leave(this)
    this.#ear.close()
  }

  /** The room is gone. What broke is taken up again, unheard by the caller but for the gap. */
  async #ended(why: End): Promise<void> {
    const publish = this.#isPublished || !this.#muted
    if (this.#participation) this.#abandon(this.#participation)
    if (why === 'broke') {
      for (const pause of this.#returns) {
        await new Promise((resolve) => setTimeout(resolve, pause))
        if (this.#closed) return
        try {
          await this.#enter(returnTimeout, publish)
          return
        } catch {
          // Tried again after the next pause.
        }
      }
    }
    if (this.#closed) return
    this.#closed = true
    this.#events.lost(why === 'broke' || why === 'refused' ? 'lost' : why)
  }
}
