import { type ConferenceMixer, type MixerMember, mixerOf } from './conference-mixer.ts'
import { Microphone } from './microphone.ts'
import type { RoomEvents, RoomLeg } from './room.ts'
import { RoomReceiver } from './room-receiver.ts'
import { type End, RoomSession, type RoomSessionEvents } from './room-session.ts'

const timeout = 15_000
/** Pauses before each attempt to come back to a room whose connection broke, and how long an attempt may take. */
const returns = [100, 400, 1_000, 2_000, 2_000]
const returnTimeout = 5_000

/** A phone in a LiveKit room: publishes a microphone, and hears all other sound through its mixer. */
export class LivekitLeg implements RoomLeg, MixerMember {
  readonly #url: string
  readonly #events: RoomEvents
  readonly #mixer: ConferenceMixer
  readonly #receiver: RoomReceiver
  readonly #microphone: Microphone
  readonly #rate: number
  readonly #returns: readonly number[]
  #token: string
  #session: RoomSession | undefined
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
    this.#mixer = mixerOf(url, token, rate)
    this.#receiver = new RoomReceiver(rate, (packet) => this.#session?.send(packet))
    this.#microphone = new Microphone(rate, (packet) => this.#session?.send(packet))
  }

  get identity(): string {
    return this.#identity
  }

  /** Join. Rejects when the room cannot be joined. */
  async connect(): Promise<void> {
    await this.#enter(timeout, true)
  }

  async #enter(patience: number, publish: boolean): Promise<void> {
    const session = new RoomSession(
      this.#url,
      this.#token,
      this.#listening(() => session),
    )
    this.#session = session
    try {
      await session.enter(patience)
      this.#identity = session.identity
      // Before anything is published, so that the mixer's listener knows the track for one it need not fetch.
      this.#mixer.join(this)
      // Who may only listen, as in a broadcast, has nothing to publish, and is not heard by the mixer either.
      if (publish && session.maySpeak) await this.#publish(session, patience)
      else {
        await session.listen(patience)
        this.#muted = true
      }
      this.#isInside = true
    } catch (error) {
      this.#abandon(session)
      throw error
    }
  }

  /** What a session tells, for as long as it is the present one. */
  #listening(own: () => RoomSession): RoomSessionEvents {
    const present = (act: () => void) => {
      if (!this.#closed && this.#session === own()) act()
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
      receiving: (sections) => present(() => this.#receiver.tune(sections)),
      packet: (packet) => this.#receiver.packet(packet),
      token: (token) => present(() => (this.#token = token)),
      ended: (why) => present(() => this.#isInside && void this.#ended(why)),
    }
  }

  async #publish(session: RoomSession, patience: number): Promise<void> {
    // PCMU is what telephones speak and every WebRTC client knows; wide-band telephones keep their band by Opus.
    const codec = this.#rate === 8_000 && session.takes('PCMU') ? 'PCMU' : 'opus'
    const publication = await session.publish(codec, this.#muted, patience)
    if (this.#session !== session) return
    this.#microphone.start(publication)
    this.#isPublished = true
  }

  speak(pcm: Int16Array): void {
    if (this.#closed || !this.#isPublished) return
    if (this.#muted) this.#microphone.mute()
    else if (this.#microphone.speak(pcm)) this.#mixer.say(this, pcm)
  }

  hear(): Int16Array | undefined {
    return this.#mixer.hear(this)
  }

  roomFrames(): Int16Array[] {
    return this.#receiver.frames()
  }

  subscribe(): void {
    this.#subscribeTo(this.#session?.tracks ?? [])
  }

  async setMuted(muted: boolean): Promise<void> {
    if (muted === this.#muted) return
    const session = this.#session
    // Who might not speak on the way in, or for a while, has nothing published.
    if (!muted && !this.#isPublished && session) {
      this.#muted = false
      await this.#publish(session, timeout).catch((error: unknown) => {
        this.#muted = true
        throw error
      })
    } else session?.setMuted(muted)
    this.#muted = muted
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#session) this.#abandon(this.#session)
  }

  #subscribeTo(tracks: { sid: string; identity: string }[]): void {
    if (!this.#mixer.isListener(this)) return
    this.#session?.subscribe(tracks.filter(({ identity }) => !this.#mixer.has(identity)).map(({ sid }) => sid))
  }

  #silence(muted: boolean): void {
    if (muted === this.#muted) return
    this.#muted = muted
    this.#events.muted(muted)
  }

  /** Let go of a session and of all that hangs on it. */
  #abandon(session: RoomSession): void {
    session.close()
    if (this.#session !== session) return
    this.#session = undefined
    this.#isInside = false
    this.#isPublished = false
    this.#microphone.stop()
    this.#mixer.leave(this)
    this.#receiver.close()
  }

  /** The room is gone. What broke is taken up again, unheard by the caller but for the gap. */
  async #ended(why: End): Promise<void> {
    const publish = this.#isPublished || !this.#muted
    if (this.#session) this.#abandon(this.#session)
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
