import { createHash } from 'node:crypto'
import type { EnterResult, PhoneAttempt, PhoneDoor } from '@parley/sip'
import type { Clock } from '../common/clock.ts'
import { RateLimit } from '../common/rate-limit.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import { DoorError } from '../rooms/admission/door-error.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { nameOfCaller, numberOf } from './caller.ts'
import { closedBy } from './phone-states.ts'
import { closedEntry, PhoneVisit, type SpokenNames } from './phone-visit.ts'
import type { Speaker } from './speech/speaker.ts'

export interface PhoneDoorOptions {
  rooms: Rooms
  meetingStore: MeetingStore
  clock: Clock
  /** Where the bridge finds the media server. */
  origin: string
  /** Says names, where an engine of speech is installed. */
  speaker: Speaker
  onGuess(outcome: 'right' | 'wrong' | 'throttled'): void
}

/** Wrong passcodes: of one caller, of a whole trunk, and of one passcode's digits tried again and again. */
const guesses = {
  caller: { burst: 9, perSecond: 9 / 600 },
  trunk: { burst: 60, perSecond: 1 },
  passcode: { burst: 20, perSecond: 0.1 },
}

/** The one door of the meetings, for telephones: the same state machine as everybody's. */
export class TelephoneDoor implements PhoneDoor {
  readonly #options: PhoneDoorOptions
  readonly #names: SpokenNames = new Map()
  readonly #visits = new Set<PhoneVisit>()
  readonly #throttles: Record<keyof typeof guesses, RateLimit>

  constructor(options: PhoneDoorOptions) {
    this.#options = options
    const millis = () => options.clock.millis()
    this.#throttles = {
      caller: new RateLimit({ ...guesses.caller, millis }),
      trunk: new RateLimit({ ...guesses.trunk, millis }),
      passcode: new RateLimit({ ...guesses.passcode, millis }),
    }
  }

  async enter(attempt: PhoneAttempt): Promise<EnterResult> {
    const takes = this.#takes(attempt)
    if (takes.some(([throttle, key]) => throttle.wait(key) > 0)) {
      this.#options.onGuess('throttled')
      return { outcome: 'throttled' }
    }
    // Taken before looking and given back when it was right: guesses that come at once count like those in a row.
    for (const [throttle, key] of takes) throttle.take(key)
    const found = await this.#find(attempt.passcode)
    this.#options.onGuess(found === undefined ? 'wrong' : 'right')
    if (found === undefined) return { outcome: 'wrong' }
    for (const [throttle, key] of takes) throttle.restore(key)
    return { outcome: 'entered', entry: await this.#enter(attempt, found.meeting, found.isLeader) }
  }

  /** Everybody on the telephone leaves; resolves when that is stored. */
  async close(): Promise<void> {
    await Promise.all([...this.#visits].map((visit) => visit.leave()))
  }

  #takes({ caller, trunk, passcode }: PhoneAttempt): [RateLimit, string][] {
    // A passcode is not kept, not even as a key.
    const digest = createHash('sha256').update(passcode).digest('base64url')
    return [
      [this.#throttles.caller, `${trunk} ${caller}`],
      [this.#throttles.trunk, trunk],
      [this.#throttles.passcode, digest],
    ]
  }

  async #find(passcode: string): Promise<{ meeting: Meeting; isLeader: boolean } | undefined> {
    const { meetingStore } = this.#options
    const meeting = await meetingStore.findByPasscode(passcode)
    if (meeting !== undefined) return { meeting, isLeader: false }
    const led = await meetingStore.findByLeaderPasscode(passcode)
    return led && { meeting: led, isLeader: true }
  }

  async #enter(attempt: PhoneAttempt, meeting: Meeting, isLeader: boolean) {
    const { rooms, origin, clock, speaker } = this.#options
    try {
      const { admission } = await rooms.door.ask({
        meeting,
        way: 'phone',
        name: nameOfCaller(attempt.caller, attempt.lang),
        lang: attempt.lang,
        proof: { user: null, application: null, invitedAs: null, phone: { isLeader } },
        number: numberOf(attempt.caller),
      })
      const announce = meeting.entryExitAnnouncement
      const onLeft = (visit: PhoneVisit) => void this.#visits.delete(visit)
      const visit = new PhoneVisit({
        ...{ rooms, admission, leader: isLeader, announce, origin, names: this.#names, speaker, clock, onLeft },
      })
      this.#visits.add(visit)
      return visit
    } catch (error) {
      if (!(error instanceof DoorError)) throw error
      return closedEntry({ state: 'closed', reason: closedBy(error) })
    }
  }
}
