import type { Clip, EnterResult, PhoneAttempt, PhoneDoor, PhoneEntry, PhoneState } from '../src/index.ts'

/** An entry whose states are pushed by whoever holds it: for examples and tests. */
export class ScriptedEntry implements PhoneEntry {
  readonly leader: boolean
  readonly announce: boolean
  readonly attempt: PhoneAttempt
  /** What the caller did, in order. */
  readonly done: string[] = []
  onDone: ((what: string) => void) | undefined
  name: Clip | undefined
  unmutable = true
  others = 0
  names: Clip[] = []
  waiting = 0
  again: { url: string; token: string } | undefined
  readonly #states: PhoneState[] = []
  #wake: (() => void) | undefined

  constructor(attempt: PhoneAttempt, { leader = false, announce = false } = {}) {
    this.attempt = attempt
    this.leader = leader
    this.announce = announce
  }

  push(state: PhoneState): this {
    this.#states.push(state)
    this.#wake?.()
    return this
  }

  #did(what: string): void {
    this.done.push(what)
    this.onDone?.(what)
  }

  async *states(signal: AbortSignal): AsyncGenerator<PhoneState, void> {
    signal.addEventListener('abort', () => this.#wake?.())
    while (!signal.aborted) {
      const state = this.#states.shift()
      if (state) yield state
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }

  async readmit(): Promise<{ url: string; token: string } | undefined> {
    this.#did('readmit')
    return this.again
  }
  nameRecorded(name: Clip): void {
    this.name = name
    this.#did('name')
  }
  async people() {
    this.#did('people')
    return { others: this.others, names: this.names }
  }
  async setHand(raised: boolean): Promise<void> {
    this.#did(raised ? 'hand up' : 'hand down')
  }
  async mayUnmute(): Promise<boolean> {
    return this.unmutable
  }
  async admitWaiting(): Promise<number> {
    this.#did('admit')
    return this.waiting
  }
  async *someoneWaits(_: AbortSignal): AsyncGenerator<void, void> {}
  async leave(): Promise<void> {
    this.#did('leave')
  }
}

/** A door with fixed answers: each passcode has a script of its own. */
export class ScriptedDoor implements PhoneDoor {
  readonly passcodeLength?: number
  readonly entries: ScriptedEntry[] = []
  readonly attempts: string[] = []
  onEntry: ((entry: ScriptedEntry) => void) | undefined
  readonly #scripts: Record<string, (attempt: PhoneAttempt) => ScriptedEntry | 'throttled'>

  constructor(scripts: Record<string, (attempt: PhoneAttempt) => ScriptedEntry | 'throttled'>, passcodeLength?: number) {
    this.#scripts = scripts
    if (passcodeLength !== undefined) this.passcodeLength = passcodeLength
  }

  async enter(attempt: PhoneAttempt): Promise<EnterResult> {
    this.attempts.push(attempt.passcode)
    const result = this.#scripts[attempt.passcode]?.(attempt)
    if (result === undefined) return { outcome: 'wrong' }
    if (result === 'throttled') return { outcome: 'throttled' }
    this.entries.push(result)
    this.onEntry?.(result)
    return { outcome: 'entered', entry: result }
  }
}
