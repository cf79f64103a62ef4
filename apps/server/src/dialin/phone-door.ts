import type { EnterResult, PhoneAttempt, PhoneDoor } from '@parley/sip/dial-in'
import type { Clock } from '../common/clock.ts'
import { RateLimit } from '../common/rate-limit.ts'
import { TooManyTriesError, TryBudget } from '../common/try-budget.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import { DoorError } from '../rooms/admission/door-error.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { nameOfCaller, numberOf } from './caller.ts'
import { closedBy } from './phone-states.ts'
import { closedEntry, PhoneVisit, type SpokenNames } from './phone-visit.ts'
import type { Speaker } from './speech/speaker.ts'

interface Found {
  meeting: Meeting
  isLeader: boolean
}

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

/** Wrong passcodes of a number that was let into a meeting before, over one trunk. */
const ofKnown = { burst: 9, perSecond: 9 / 600 }
/**
 * Wrong passcodes of all strangers together, in fair turns of the callers (docs/access.md says what that means for guessers
 * and newcomers), and of known numbers that used theirs up.
 */
const ofStrangers = { burst: 60, perSecond: 1 / 3, waiting: 8 }

/** The one door of the meetings, for telephones: the same state machine as everybody's. */
export class TelephoneDoor implements PhoneDoor {
  readonly #options: PhoneDoorOptions
  readonly #names: SpokenNames = new Map()
  readonly #visits = new Set<PhoneVisit>()
  readonly #ofKnown: RateLimit
  readonly #strangers: TryBudget

  constructor(options: PhoneDoorOptions) {
    this.#options = options
    const millis = () => options.clock.millis()
    this.#ofKnown = new RateLimit({ ...ofKnown, millis })
    this.#strangers = new TryBudget({ ...ofStrangers, millis })
  }

  async enter(attempt: PhoneAttempt): Promise<EnterResult> {
    const found = await this.#look(attempt).catch((error: unknown) => {
      if (error instanceof TooManyTriesError) return 'throttled' as const
      throw error
    })
    this.#options.onGuess(found === undefined ? 'wrong' : found === 'throttled' ? found : 'right')
    if (found === undefined) return { outcome: 'wrong' }
    if (found === 'throttled') return { outcome: found }
    return { outcome: 'entered', entry: await this.#enter(attempt, found.meeting, found.isLeader) }
  }

  /** Look a passcode up when it is its caller's turn. Throws TooManyTriesError. */
  async #look({ passcode, caller, trunk, callId }: PhoneAttempt): Promise<Found | undefined> {
    const number = numberOf(caller)
    const key = `${trunk} ${number}`
    const isKnown = number !== '' && (await this.#options.rooms.store.hasCalled(number))
    // Taken before looking and given back when it was right: guesses that come at once count like those in a row.
    if (isKnown && this.#ofKnown.take(key) === 0) {
      const found = await this.#find(passcode)
      if (found !== undefined) this.#ofKnown.restore(key)
      return found
    }
    const trier = { group: key, sender: number === '' ? callId : key }
    return this.#strangers.run(
      trier,
      () => this.#find(passcode),
      (found) => found !== undefined,
    )
  }

  /** Everybody on the telephone leaves; resolves when that is stored. */
  async close(): Promise<void> {
    await Promise.all([...this.#visits].map((visit) => visit.leave()))
  }

  async #find(passcode: string): Promise<Found | undefined> {
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
      await visit.begin()
      return visit
    } catch (error) {
      if (!(error instanceof DoorError)) throw error
      return closedEntry({ state: 'closed', reason: closedBy(error) })
    }
  }
}
