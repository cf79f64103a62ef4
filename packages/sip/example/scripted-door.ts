import type { EnterResult, Movement, PhoneAttempt, PhoneDoor, PhoneEntry, PhoneState } from '../src/ivr/index.ts'
import type { Clip } from '../src/media/index.ts'

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
  mayRaise = true
  others = 0
  names: Clip[] = []
  waiting = 0
  again: { url: string; token: string } | undefined
  readonly #states: PhoneState[] = []
  readonly #movements: Movement[] = []
  #wake: (() => void) | undefined
  #wakeMovements: (() => void) | undefined
  #hand = false

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
  async toggleHand(): Promise<'raised' | 'lowered' | 'forbidden'> {
    if (!this.mayRaise) return 'forbidden'
    this.#hand = !this.#hand
    this.#did(this.#hand ? 'hand up' : 'hand down')
    return this.#hand ? 'raised' : 'lowered'
  }
  move(movement: Movement): void {
    this.#movements.push(movement)
    this.#wakeMovements?.()
  }
  async *movements(signal: AbortSignal): AsyncGenerator<Movement, void> {
    signal.addEventListener('abort', () => this.#wakeMovements?.())
    while (!signal.aborted) {
      const movement = this.#movements.shift()
      if (movement) yield movement
      else
        await new Promise<void>((resolve) => {
          this.#wakeMovements = resolve
        })
    }
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
