import type { PhoneAttempt, PhoneEntry, PhoneState } from '@parley/sip/dial-in'
import { TelephoneDoor } from '../src/dialin/phone-door.ts'
import { Speaker } from '../src/dialin/speech/speaker.ts'
import type { EventBody } from '../src/meetings/events.ts'
import type { Meeting } from '../src/meetings/meeting.ts'
import { EventStreams } from '../src/rooms/events/event-streams.ts'
import type { Rooms } from '../src/rooms/rooms.ts'
import { TestTenant } from './test-tenant.ts'

/** A telephone door over a real door and database, with made-up media. For tests of this folder. */
export class TestExchange {
  readonly house: TestTenant
  readonly door: TelephoneDoor
  readonly guesses: string[] = []
  /** Attributes the media room was told to set. */
  readonly attributes: Record<string, string>[] = []
  readonly #streams = new EventStreams()

  private constructor(house: TestTenant) {
    this.house = house
    const rooms = {
      door: house.door,
      store: house.store,
      streams: this.#streams,
      feed: house.feed,
      media: {
        setAttributes: async (_room: string, _identity: string, attributes: Record<string, string>) =>
          void this.attributes.push(attributes),
      },
      mediaAccess: async () => ({ url: 'ws://room', token: 'again' }),
    } as unknown as Rooms
    this.door = new TelephoneDoor({
      rooms,
      meetingStore: house.meetingStore,
      clock: house.clock,
      origin: 'http://localhost',
      speaker: new Speaker(null, { warn: () => {} }),
      onGuess: (outcome) => this.guesses.push(outcome),
    })
  }

  static async open(): Promise<TestExchange> {
    return new TestExchange(await TestTenant.open())
  }

  /** Key a passcode. */
  try(passcode: string, more: Partial<PhoneAttempt> = {}) {
    const call = { caller: '+34600111222', callerName: '', dialled: '100', trunk: 'carrier', lang: 'en', callId: 'id' } as const
    return this.door.enter({ ...call, passcode, ...more })
  }

  /** Key a meeting's own passcode. */
  async enter(meeting: Meeting, more: Partial<PhoneAttempt> = {}): Promise<PhoneEntry> {
    const result = await this.try(meeting.participantPasscode!, more)
    if (result.outcome !== 'entered') throw new Error(result.outcome)
    return result.entry
  }

  /** Resolves when a telephone has taken in what happened in a meeting so far, as far as it looks at the database alone. */
  async heard(meeting: Meeting): Promise<void> {
    await this.house.feed.caughtUp(meeting.id)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Store an event as whoever makes it does. */
  async happens(meeting: Meeting, event: EventBody): Promise<void> {
    await this.house.journal.write({ meetingId: meeting.id, at: this.house.clock.now(), writes: [], events: [event] })
    await this.heard(meeting)
  }

  /** How many are counted as there. */
  get listening(): number {
    return this.#streams.admissions().length
  }

  close(): Promise<void> {
    return this.house.close()
  }
}

/** The first states an entry hears, as many as are wanted. */
export async function statesOf(entry: PhoneEntry, count: number): Promise<PhoneState[]> {
  const states: PhoneState[] = []
  for await (const state of entry.states(new AbortController().signal)) if (states.push(state) === count) break
  return states
}
