import type { PhoneState } from '../door.ts'
import { type AdmittedSession, say } from './call-session.ts'
import type { CallStage, StageEnd } from './call-stage.ts'
import type { Phrase } from './prompts.ts'
import { RoomStage } from './room-stage.ts'
import { untilAborted } from './until-aborted.ts'
import { wait } from './waiting-stage.ts'

const farewells: Record<StageEnd, Phrase[]> = {
  left: ['goodbye'],
  removed: ['removed', 'goodbye'],
  ended: ['ended', 'goodbye'],
  lost: ['lost'],
  failed: ['failed'],
}

/** How long the door may take to say why a room ended before the caller hears what the room said. */
const doorWordMs = 1_500

/** The time from the passcode to the end, led by what the door says. */
export class AdmittedCall {
  readonly #session: AdmittedSession
  #stage: CallStage | undefined
  #isInRoom = false
  #ended = false
  readonly #leave = new AbortController()
  #farewell: Phrase[] = []

  constructor(session: AdmittedSession) {
    this.#session = session
  }

  async run(): Promise<void> {
    const { entry, gone } = this.#session
    const over = AbortSignal.any([gone, this.#leave.signal])
    try {
      for await (const state of untilAborted(entry.states(over), over)) {
        await this.#enter(state)
        if (state.state === 'closed') break
      }
    } finally {
      this.#ended = true
      await this.#stage?.stop(true)
    }
    if (!gone.aborted) await say(this.#session, this.#farewell)
  }

  async #enter(state: PhoneState): Promise<void> {
    const wasInRoom = this.#isInRoom
    this.#isInRoom = state.state === 'admitted'
    await this.#stage?.stop(!this.#isInRoom)
    this.#stage = undefined
    if (state.state === 'closed') this.#farewell = [state.reason, 'goodbye']
    else if (state.state === 'waiting') this.#stage = wait(this.#session, state.why, (why) => this.#over(why))
    else {
      const stage = new RoomStage(this.#session, (why) => this.#over(why))
      this.#stage = stage
      void stage.start(state.url, state.token, state.muted ?? false, !wasInRoom)
    }
  }

  /** The stage ended by itself. When the room ended it, the door usually knows better why: it has the first word. */
  #over(why: StageEnd): void {
    if (this.#ended) return
    this.#farewell = farewells[why]
    if (why === 'removed' || why === 'ended') setTimeout(() => this.#leave.abort(), doorWordMs)
    else this.#leave.abort()
  }
}
