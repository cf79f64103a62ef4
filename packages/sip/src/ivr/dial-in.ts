import { connectLivekit, loadLivekit } from '../bridge/livekit.ts'
import type { ConnectRoom } from '../bridge/room.ts'
import type { PhoneCall } from '../call/phone-call.ts'
import type { CloseReason, Language, PhoneDoor, PhoneState } from '../door.ts'
import { type Beat, MediaClock } from '../media/clock.ts'
import { askName, askPasscode, greet } from './entrance.ts'
import { Keypad } from './keypad.ts'
import { Line } from './line.ts'
import type { Phrase } from './prompts.ts'
import { Prompts } from './prompts.ts'
import { RoomScene } from './room-scene.ts'
import type { Scene, SceneEnd } from './scene.ts'
import { untilAborted } from './until-aborted.ts'
import { type AdmittedVisit, type DialInContext, say, type Visit } from './visit.ts'
import { wait } from './waiting-scene.ts'

export interface DialInOptions {
  door: PhoneDoor
  /** Language by the number dialled; nothing lets the caller choose. */
  languageOf?: (dialled: string) => Language | undefined
  /** Language until one is chosen. Default English. */
  defaultLanguage?: Language
  /** Milliseconds to ring before answering. Default 0: the greeting is what callers wait for. */
  ringMs?: number
  clock?: Beat
  prompts?: Prompts
  /** How rooms are joined; default by LiveKit's protocol. */
  connect?: ConnectRoom
  fault?: (error: Error) => void
}

const farewells: Record<SceneEnd, Phrase[]> = {
  left: ['goodbye'],
  removed: ['removed', 'goodbye'],
  ended: ['ended', 'goodbye'],
  lost: ['lost'],
  failed: ['failed'],
}

/** How long the door may take to say why a room ended before the caller hears what the room said. */
const doorWordMs = 1_500

/** How long the end of the server may wait for the words that tell of it. */
const farewellMs = 8_000

/** The dial-in: takes calls, asks for the passcode, and brings callers through the door into the room. */
export class DialIn {
  readonly #context: DialInContext
  readonly #options: DialInOptions
  readonly #visits = new Set<Visit>()

  private constructor(options: DialInOptions, prompts: Prompts) {
    this.#options = options
    this.#context = {
      door: options.door,
      prompts,
      clock:
        options.clock ?? new MediaClock((error) => options.fault?.(error instanceof Error ? error : new Error(String(error)))),
      connect: options.connect ?? connectLivekit,
      fault: options.fault ?? (() => {}),
    }
  }

  /** Read the prompts, load what joins rooms. Rejects when a prompt is missing. */
  static async open(options: DialInOptions): Promise<DialIn> {
    if (!options.connect) await loadLivekit()
    return new DialIn(options, options.prompts ?? (await Prompts.load()))
  }

  /** Take a call: give this to a server as `onCall`. */
  readonly take = (call: PhoneCall): void => {
    void this.#take(call)
  }

  /** Tell everybody who is on the line that it ends now: before the server is closed. */
  async close(): Promise<void> {
    const told = [...this.#visits].map((visit) => {
      visit.line.background = undefined
      visit.line.stop()
      return say(visit, ['lost', 'goodbye'])
    })
    const late = new Promise((resolve) => setTimeout(resolve, farewellMs).unref())
    await Promise.race([Promise.all(told), late])
  }

  async #take(call: PhoneCall): Promise<void> {
    // Given up while whoever hands out calls was still getting ready.
    if (call.state === 'ended') return
    const gone = new AbortController()
    const line = new Line(call, this.#context.clock)
    const keypad = new Keypad()
    call.onDigit = (digit) => keypad.press(digit)
    call.onEnd = () => {
      gone.abort()
      line.close()
      keypad.close()
    }
    const lang = this.#options.defaultLanguage ?? 'en'
    const visit: Visit = { context: this.#context, call, line, keypad, gone: gone.signal, lang }
    this.#visits.add(visit)
    try {
      if (this.#options.ringMs) {
        call.ring()
        await new Promise((resolve) => setTimeout(resolve, this.#options.ringMs))
      }
      call.answer()
      await this.#visit(visit)
    } catch (error) {
      this.#context.fault(error instanceof Error ? error : new Error(String(error)))
      await say(visit, ['failed'])
    } finally {
      this.#visits.delete(visit)
      call.hangUp()
      line.close()
    }
  }

  async #visit(visit: Visit): Promise<void> {
    await greet(visit, this.#options.languageOf?.(visit.call.info.dialled))
    const entry = await askPasscode(visit)
    if (!entry) return
    try {
      const name = entry.announce ? await askName(visit) : undefined
      if (name) entry.nameRecorded(name)
      await new Stay({ ...visit, entry, name }).run()
    } finally {
      await entry.leave()
    }
  }
}

/** The time from the passcode to the end, led by what the door says. */
class Stay {
  readonly #visit: AdmittedVisit
  #scene: Scene | undefined
  #isInRoom = false
  #ended = false
  readonly #leave = new AbortController()
  #farewell: Phrase[] = []

  constructor(visit: AdmittedVisit) {
    this.#visit = visit
  }

  async run(): Promise<void> {
    const { entry, gone } = this.#visit
    const over = AbortSignal.any([gone, this.#leave.signal])
    try {
      for await (const state of untilAborted(entry.states(over), over)) {
        await this.#enter(state)
        if (state.state === 'closed') break
      }
    } finally {
      this.#ended = true
      await this.#scene?.stop(true)
    }
    if (!gone.aborted) await say(this.#visit, this.#farewell)
  }

  async #enter(state: PhoneState): Promise<void> {
    const wasInRoom = this.#isInRoom
    this.#isInRoom = state.state === 'admitted'
    await this.#scene?.stop(!this.#isInRoom)
    this.#scene = undefined
    if (state.state === 'closed') this.#farewell = [phraseOf(state.reason), 'goodbye']
    else if (state.state === 'waiting') this.#scene = wait(this.#visit, state.why, (why) => this.#over(why))
    else {
      const scene = new RoomScene(this.#visit, (why) => this.#over(why))
      this.#scene = scene
      void scene.start(state.url, state.token, state.muted ?? false, !wasInRoom)
    }
  }

  /** The scene ended by itself. When the room ended it, the door usually knows better why: it has the first word. */
  #over(why: SceneEnd): void {
    if (this.#ended) return
    this.#farewell = farewells[why]
    if (why === 'removed' || why === 'ended') setTimeout(() => this.#leave.abort(), doorWordMs)
    else this.#leave.abort()
  }
}

function phraseOf(reason: CloseReason): Phrase {
  return reason
}
