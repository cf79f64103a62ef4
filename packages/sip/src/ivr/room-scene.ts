import type { RoomEvents, RoomLeg, RoomLoss } from '../bridge/room.ts'
import { silence } from '../media/tone.ts'
import { type Phrase, sayNumber } from './prompts.ts'
import { RoomVoice } from './room-voice.ts'
import type { Scene, SceneEnd } from './scene.ts'
import { entryTone, exitTone, holdSound } from './tones.ts'
import { untilAborted } from './until-aborted.ts'
import { type AdmittedVisit, say } from './visit.ts'

const secondKeyMs = 3_000
const rejoinPauses = [500, 1_500, 4_000]

/** In the meeting: the caller hears the room and is heard in it; keys that begin with star are commands. */
export class RoomScene implements Scene {
  readonly #visit: AdmittedVisit
  readonly #end: (why: SceneEnd) => void
  #leg: RoomLeg | undefined
  #voice: RoomVoice | undefined
  #muted = false
  #hand = false
  #stopped = false

  constructor(visit: AdmittedVisit, end: (why: SceneEnd) => void) {
    this.#visit = visit
    this.#end = end
  }

  /** Join the room and begin. */
  async start(url: string, token: string, muted: boolean): Promise<void> {
    const visit = this.#visit
    void visit.line.play([holdSound])
    try {
      await this.#join(url, token)
    } catch (error) {
      visit.context.fault(error instanceof Error ? error : new Error(String(error)))
      this.#end('failed')
      return
    }
    if (this.#stopped) return
    visit.line.stop()
    if (visit.entry.announce) this.#voice?.announce(visit.name ?? entryTone)
    void this.#keys()
    if (visit.entry.leader) void this.#tellOfWaiting()
    this.#muted = muted
    if (muted) await this.#mute()
    await say(visit, [muted ? 'joined-muted' : 'joined'])
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    const { line, keypad, entry, name, context } = this.#visit
    keypad.cancel()
    line.stop()
    line.background = undefined
    line.onHeard = undefined
    const [leg, voice] = [this.#leg, this.#voice]
    if (leg && voice && entry.announce && name) {
      voice.announce(name)
      voice.announce(exitTone)
      await voice.finish(context.clock)
    }
    await leg?.close()
  }

  async #join(url: string, token: string): Promise<void> {
    const { line, context } = this.#visit
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
    const { line, entry } = this.#visit
    return {
      muted: (muted) => {
        this.#muted = muted
        void say(this.#visit, [muted ? 'muted-by-organizer' : 'unmuted'])
      },
      others: (change) => {
        if (entry.announce && !line.playing) void line.play([change === 'joined' ? entryTone : exitTone])
      },
      lost: (why) => void this.#lost(why),
    }
  }

  /** The room is gone. Unless the caller was put out, the door is asked for another way in. */
  async #lost(why: RoomLoss): Promise<void> {
    const { line, entry, gone } = this.#visit
    this.#leg = undefined
    this.#voice = undefined
    line.background = undefined
    line.onHeard = undefined
    if (why !== 'lost') {
      if (!this.#stopped) this.#end(why)
      return
    }
    void say(this.#visit, ['reconnecting'])
    for (const pause of rejoinPauses) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (this.#stopped || gone.aborted) return
      try {
        const again = await entry.readmit()
        if (!again) break
        await this.#join(again.url, again.token)
        if (this.#muted) await this.#mute()
        return
      } catch {
        // Tried again after the next pause.
      }
    }
    if (!this.#stopped) this.#end('lost')
  }

  async #keys(): Promise<void> {
    const { keypad, gone, context } = this.#visit
    while (!this.#stopped && !gone.aborted) {
      if ((await keypad.next(60_000)) !== '*') continue
      const key = await keypad.next(secondKeyMs)
      if (this.#stopped || key === undefined) continue
      this.#visit.line.stop()
      try {
        await this.#command(key)
      } catch (error) {
        context.fault(error instanceof Error ? error : new Error(String(error)))
        void say(this.#visit, ['failed'])
      }
    }
  }

  async #command(key: string): Promise<void> {
    const { entry } = this.#visit
    switch (key) {
      case '1':
        return this.#say(entry.leader ? ['help', 'help-leader'] : ['help'])
      case '3':
        if (!entry.leader) return
        return this.#say([(await entry.admitWaiting()) > 0 ? 'all-admitted' : 'nobody-waiting'])
      case '4':
        return this.#people()
      case '5':
        this.#hand = !this.#hand
        await entry.setHand(this.#hand)
        return this.#say([this.#hand ? 'hand-raised' : 'hand-lowered'])
      case '6':
        return this.#toggleMute()
      case '9':
        return this.#end('left')
    }
  }

  async #toggleMute(): Promise<void> {
    if (this.#muted && !(await this.#visit.entry.mayUnmute())) return this.#say(['may-not-unmute'])
    const muted = !this.#muted
    await this.#leg?.setMuted(muted)
    this.#muted = muted
    this.#say([this.#muted ? 'muted' : 'unmuted'])
  }

  async #mute(): Promise<void> {
    await this.#leg?.setMuted(this.#muted)
  }

  async #people(): Promise<void> {
    const { entry, context, lang, line } = this.#visit
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

  async #tellOfWaiting(): Promise<void> {
    const { entry, gone, context } = this.#visit
    try {
      for await (const _ of untilAborted(entry.someoneWaits(gone), gone)) {
        if (this.#stopped) return
        this.#say(['someone-waiting'])
      }
    } catch (error) {
      if (!gone.aborted) context.fault(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Say something while the keys go on working. */
  #say(phrases: Phrase[]): void {
    void say(this.#visit, phrases)
  }
}
