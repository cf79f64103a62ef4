import type { RoomEvents, RoomLeg, RoomLoss } from '../bridge/room.ts'
import type { Movement } from '../door.ts'
import { silence } from '../media/tone.ts'
import { type AdmittedSession, say } from './call-session.ts'
import type { CallStage, StageEnd } from './call-stage.ts'
import { type Phrase, sayNumber } from './prompts.ts'
import { RoomVoice } from './room-voice.ts'
import { entryTone, exitTone, holdSound } from './tones.ts'
import { untilAborted } from './until-aborted.ts'

const secondKeyMs = 3_000
const handPhrases = { raised: 'hand-raised', lowered: 'hand-lowered', forbidden: 'may-not-raise' } as const
/** Who listens needs a moment to hear a voice that was muted. */
const unmuting = silence(8_000, 400)
const rejoinPauses = [500, 1_500, 4_000, 8_000]
/** More than this many clips behind one another would bury what people say. */
const mostQueued = 4

/** In the meeting: the caller hears the room and is heard in it; keys that begin with star are commands. */
export class RoomStage implements CallStage {
  readonly #session: AdmittedSession
  readonly #end: (why: StageEnd) => void
  #leg: RoomLeg | undefined
  #voice: RoomVoice | undefined
  #muted = false
  #stopped = false
  readonly #over = new AbortController()

  constructor(session: AdmittedSession, end: (why: StageEnd) => void) {
    this.#session = session
    this.#end = end
  }

  /** Join the room and begin. `isEntry` unless the caller was in already and comes in with other rights. */
  async start(url: string, token: string, muted: boolean, isEntry = true): Promise<void> {
    const session = this.#session
    void session.line.play([holdSound])
    try {
      await this.#join(url, token)
    } catch (error) {
      session.context.fault(error instanceof Error ? error : new Error(String(error)))
      this.#end('failed')
      return
    }
    if (this.#stopped) return
    session.line.stop()
    if (isEntry && session.entry.announce && session.name) this.#voice?.announce(session.name)
    void this.#keys()
    if (session.entry.leader)
      void this.#follow(session.entry.someoneWaits(this.#over.signal), () => this.#say(['someone-waiting']))
    if (session.entry.announce)
      void this.#follow(session.entry.movements(this.#over.signal), (movement) => this.#tellOf(movement))
    this.#muted = muted
    if (muted) await this.#mute()
    await say(session, await this.#welcome())
  }

  /** That the caller is in; to somebody muted also how to speak, or that it may not be now. */
  async #welcome(): Promise<Phrase[]> {
    if (!this.#muted) return ['joined']
    try {
      return ['joined-muted', (await this.#session.entry.mayUnmute()) ? 'how-to-speak' : 'may-not-unmute']
    } catch (error) {
      this.#session.context.fault(error instanceof Error ? error : new Error(String(error)))
      return ['joined-muted']
    }
  }

  async stop(isExit = true): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#over.abort()
    const { line, keypad } = this.#session
    keypad.cancel()
    line.stop()
    line.background = undefined
    line.onHeard = undefined
    const [leg, voice] = [this.#leg, this.#voice]
    if (leg && voice && isExit) await this.#sayWhoLeaves(leg, voice)
    await leg?.close()
  }

  /** The name, said to the room by who goes; also by somebody muted, unless the room may not hear them at all. */
  async #sayWhoLeaves(leg: RoomLeg, voice: RoomVoice): Promise<void> {
    const { entry, name, context } = this.#session
    if (!entry.announce || !name) return
    try {
      if (this.#muted) {
        if (!(await entry.mayUnmute())) return
        await leg.setMuted(false)
        voice.announce(unmuting)
      }
      // The tone is everybody's own, on the news of who left.
      voice.announce(name)
      await voice.finish(context.clock)
    } catch (error) {
      context.fault(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #join(url: string, token: string): Promise<void> {
    const { line, context } = this.#session
    const { rate } = line
    const leg = await context.connect(url, token, rate, this.#events())
    if (this.#stopped) {
      await leg.close()
      return
    }
    const voice = new RoomVoice(leg, rate)
    this.#leg = leg
    this.#voice = voice
    line.background = () => leg.hear()
    line.onHeard = (pcm) => voice.speak(pcm)
  }

  #events(): RoomEvents {
    return {
      muted: (muted) => {
        this.#muted = muted
        void say(this.#session, [muted ? 'muted-by-organizer' : 'unmuted'])
      },
      // The door tells of them, with what says who it was.
      others: () => {},
      lost: (why) => void this.#lost(why),
    }
  }

  /** The room is gone. Unless the caller was put out, the door is asked for another way in. */
  async #lost(why: RoomLoss): Promise<void> {
    const { line, entry, gone } = this.#session
    this.#leg = undefined
    this.#voice = undefined
    line.background = undefined
    line.onHeard = undefined
    if (why !== 'lost') {
      if (!this.#stopped) this.#end(why)
      return
    }
    void say(this.#session, ['reconnecting', holdSound])
    for (const pause of rejoinPauses) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (this.#stopped || gone.aborted) return
      try {
        const again = await entry.readmit()
        if (!again) break
        await this.#join(again.url, again.token)
        if (this.#stopped) return
        if (this.#muted) await this.#mute()
        line.stop()
        this.#say(await this.#welcome())
        return
      } catch {
        // Tried again after the next pause.
      }
    }
    if (!this.#stopped) this.#end('lost')
  }

  async #keys(): Promise<void> {
    const { keypad, gone, context } = this.#session
    while (!this.#stopped && !gone.aborted) {
      if ((await keypad.next(60_000)) !== '*') continue
      const key = await keypad.next(secondKeyMs)
      if (this.#stopped || key === undefined) continue
      this.#session.line.stop()
      try {
        await this.#command(key)
      } catch (error) {
        context.fault(error instanceof Error ? error : new Error(String(error)))
        void say(this.#session, ['failed'])
      }
    }
  }

  async #command(key: string): Promise<void> {
    const { entry } = this.#session
    switch (key) {
      case '1':
        return this.#say(entry.leader ? ['help', 'help-leader'] : ['help'])
      case '3':
        if (!entry.leader) return
        return this.#say([(await entry.admitWaiting()) > 0 ? 'all-admitted' : 'nobody-waiting'])
      case '4':
        return this.#people()
      case '5':
        return this.#say([handPhrases[await entry.toggleHand()]])
      case '6':
        return this.#toggleMute()
      case '9':
        return this.#end('left')
    }
  }

  async #toggleMute(): Promise<void> {
    if (this.#muted && !(await this.#session.entry.mayUnmute())) return this.#say(['may-not-unmute'])
    const muted = !this.#muted
    await this.#leg?.setMuted(muted)
    this.#muted = muted
    this.#say([this.#muted ? 'muted' : 'unmuted'])
  }

  async #mute(): Promise<void> {
    await this.#leg?.setMuted(this.#muted)
  }

  async #people(): Promise<void> {
    const { entry, context, lang, line } = this.#session
    const { others, names } = await entry.people()
    const clip = (name: string) => context.prompts.clip(lang, name)
    const count =
      others === 0
        ? ['alone']
        : others === 1
          ? ['one-person']
          : others > 99
            ? ['many-people']
            : ['there-are', ...sayNumber(others), 'other-people']
    const named = names.length === 0 ? [] : [clip('named'), ...names.slice(0, 20).flatMap((name) => [name, silence(8_000, 150)])]
    void line.play([...count.map(clip), ...named])
  }

  /** Who came or went: by name where it was made, and by a tone. */
  #tellOf({ kind, spoken }: Movement): void {
    const { line } = this.#session
    if (line.queued >= mostQueued) return
    void line.play([...(spoken ? [spoken] : []), kind === 'entry' ? entryTone : exitTone])
  }

  /** Do something with each item until the stage is over. */
  async #follow<Item>(items: AsyncIterable<Item>, take: (item: Item) => void): Promise<void> {
    const { gone, context } = this.#session
    const over = AbortSignal.any([gone, this.#over.signal])
    try {
      for await (const item of untilAborted(items, over)) {
        if (this.#stopped) return
        take(item)
      }
    } catch (error) {
      if (!over.aborted) context.fault(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Say something while the keys go on working. */
  #say(phrases: Phrase[]): void {
    void say(this.#session, phrases)
  }
}
