import { connectLivekit, loadLivekit } from '../bridge/livekit.ts'
import type { ConnectRoom } from '../bridge/room.ts'
import type { PhoneCall } from '../call/phone-call.ts'
import type { Language, PhoneDoor } from '../door.ts'
import { type Beat, MediaClock } from '../media/clock.ts'
import { Line } from '../media/line.ts'
import { AdmittedCall } from './admitted-call.ts'
import { type CallSession, type DialInContext, say } from './call-session.ts'
import { askName, askPasscode, greet } from './greeting.ts'
import { Keypad } from './keypad.ts'
import { Prompts } from './prompts.ts'

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

/** How long the end of the server may wait for the words that tell of it. */
const farewellMs = 8_000

/** The dial-in: takes calls, asks for the passcode, and brings callers through the door into the room. */
export class DialIn {
  readonly #context: DialInContext
  readonly #options: DialInOptions
  readonly #sessions = new Set<CallSession>()

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
    const told = [...this.#sessions].map((session) => {
      session.line.background = undefined
      session.line.stop()
      return say(session, ['lost', 'goodbye'])
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
    const session: CallSession = { context: this.#context, call, line, keypad, gone: gone.signal, lang }
    this.#sessions.add(session)
    try {
      if (this.#options.ringMs) {
        call.ring()
        await new Promise((resolve) => setTimeout(resolve, this.#options.ringMs))
      }
      call.answer()
      await this.#serve(session)
    } catch (error) {
      this.#context.fault(error instanceof Error ? error : new Error(String(error)))
      await say(session, ['failed'])
    } finally {
      this.#sessions.delete(session)
      call.hangUp()
      line.close()
    }
  }

  async #serve(session: CallSession): Promise<void> {
    await greet(session, this.#options.languageOf?.(session.call.info.dialled))
    const entry = await askPasscode(session)
    if (!entry) return
    try {
      const name = entry.announce ? await askName(session) : undefined
      if (name) entry.nameRecorded(name)
      await new AdmittedCall({ ...session, entry, name }).run()
    } finally {
      await entry.leave()
    }
  }
}
