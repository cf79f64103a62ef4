import type { Movement, PhoneEntry, PhoneState } from '@parley/sip/dial-in'
import type { Clip } from '@parley/sip/media'
import type { Clock } from '../common/clock.ts'
import { formatInstant } from '../common/instant.ts'
import type { MeetingEvent } from '../meetings/events.ts'
import type { Admission } from '../rooms/admission/admission.ts'
import { DoorError } from '../rooms/admission/door-error.ts'
import { isModerator, policyOf } from '../rooms/admission/policy.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { AsyncQueue } from './async-queue.ts'
import { toPhoneState } from './phone-states.ts'
import type { Speaker } from './speech/speaker.ts'

/** Names people spoke, by admission; kept while they are on the line. */
export type SpokenNames = Map<string, { meetingId: string; clip: Clip }>

/** A caller at and behind the door: the same admission and the same events as a browser's, for a telephone. */
export class PhoneVisit implements PhoneEntry {
  readonly leader: boolean
  readonly announce: boolean
  readonly #rooms: Rooms
  readonly #origin: string
  readonly #names: SpokenNames
  readonly #states = new AsyncQueue<PhoneState>()
  readonly #arrivals = new AsyncQueue<void>()
  readonly #movements = new AsyncQueue<Movement>()
  readonly #speaker: Speaker
  readonly #admission: Admission
  readonly #stopAttending: () => void
  #stopFollowing = () => {}
  readonly #clock: Clock
  readonly #onLeft: (visit: PhoneVisit) => void
  /** What is being looked up because of the last event: one after the other, so that news do not overtake each other. */
  #hearing: Promise<void> = Promise.resolve()
  #hand = false
  #last: PhoneState | undefined
  /** What the last way into the room allowed. */
  #maySpeak: boolean | undefined
  #leaving: Promise<void> | undefined

  constructor(options: {
    rooms: Rooms
    admission: Admission
    leader: boolean
    announce: boolean
    origin: string
    names: SpokenNames
    speaker: Speaker
    clock: Clock
    onLeft(visit: PhoneVisit): void
  }) {
    this.#clock = options.clock
    this.#onLeft = options.onLeft
    this.#rooms = options.rooms
    this.#origin = options.origin
    this.#names = options.names
    this.#speaker = options.speaker
    this.#admission = options.admission
    this.leader = options.leader
    this.announce = options.announce
    // What tells the door that somebody is still there: for a browser its open page.
    this.#stopAttending = this.#rooms.streams.attend(options.admission.id)
  }

  /** Follow what happens in the meeting; to be called once, before anything else. */
  async begin(): Promise<void> {
    const { stop } = await this.#rooms.feed.follow(this.#admission.meetingId, (event) => {
      this.#hearing = this.#hearing
        .then(() => this.#hear(event))
        // A failed look is made up for by the next change, and by the key that unmutes.
        .catch(() => undefined)
    })
    this.#stopFollowing = stop
    if (this.#leaving !== undefined) stop()
  }

  async *states(signal: AbortSignal): AsyncGenerator<PhoneState> {
    const first = this.#hearing.then(() => this.#restate())
    this.#hearing = first.catch(() => undefined)
    await first
    if (this.leader && (await this.#rooms.store.count(this.#admission.meetingId, 'waiting')) > 0) this.#arrivals.put()
    for await (const state of this.#states.take(signal)) {
      if (state.state !== 'admitted') yield state
      else {
        // Where attendees may not speak, a caller is told so on the way in.
        this.#maySpeak = await this.mayUnmute()
        yield this.#maySpeak ? state : { ...state, muted: true }
      }
    }
  }

  async readmit(): Promise<{ url: string; token: string } | undefined> {
    // The room forgets a hand with the connection that raised it.
    this.#hand = false
    return this.#access(await this.#present())
  }

  nameRecorded(clip: Clip): void {
    this.#names.set(this.#admission.id, { meetingId: this.#admission.meetingId, clip })
  }

  async people(): Promise<{ others: number; names: readonly Clip[] }> {
    const { meetingId, id } = this.#admission
    const admitted = await this.#rooms.store.list(meetingId, ['admitted'])
    const names = admitted.flatMap((other) => {
      const spoken = other.id === id ? undefined : this.#names.get(other.id)
      return spoken === undefined ? [] : [spoken.clip]
    })
    return { others: Math.max(0, admitted.filter((other) => other.id !== id).length), names }
  }

  async toggleHand(): Promise<'raised' | 'lowered' | 'forbidden'> {
    const raised = !this.#hand
    if (raised && !(await this.#allows('allowReactions'))) return 'forbidden'
    const { meetingId, identity } = this.#admission
    await this.#rooms.media.setAttributes(meetingId, identity, { hand: raised ? formatInstant(this.#clock.now()) : '' })
    this.#hand = raised
    return raised ? 'raised' : 'lowered'
  }

  async mayUnmute(): Promise<boolean> {
    return this.#allows('allowMicrophone')
  }

  async admitWaiting(): Promise<number> {
    if (!this.leader) return 0
    return (await this.#rooms.door.admitAll(await this.#present())).length
  }

  async *someoneWaits(signal: AbortSignal): AsyncGenerator<void> {
    if (this.leader) yield* this.#arrivals.take(signal)
  }

  async *movements(signal: AbortSignal): AsyncGenerator<Movement> {
    yield* this.#movements.take(signal)
  }

  /** Idempotent: the call's end and the server's may both come to it. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  async #leave(): Promise<void> {
    this.#stopAttending()
    this.#stopFollowing()
    this.#states.end()
    this.#arrivals.end()
    this.#movements.end()
    this.#names.delete(this.#admission.id)
    this.#onLeft(this)
    await this.#rooms.door.leave(this.#admission)
  }

  async #present(): Promise<Admission> {
    const found = await this.#rooms.store.find(this.#admission.id)
    return found?.admission ?? this.#admission
  }

  async #hear(event: MeetingEvent): Promise<void> {
    switch (event.kind) {
      case 'asked':
        return this.#hearArrival(event.admissionIds)
      case 'admitted':
      case 'changed':
      case 'ended':
        if (!event.admissionIds.includes(this.#admission.id)) return
        await this.#restate()
        return this.#regrade()
      case 'closed':
      case 'meetingDeleted':
        return this.#restate()
      case 'meetingUpdated':
        await this.#restate()
        return this.#regrade()
      case 'notice':
        if (event.admissionId === this.#admission.id && event.notice.kind === 'handLowered') this.#hand = false
        return
      case 'rosterUpdated':
        await this.#hearMovements('entry', event.joined)
        await this.#hearMovements('exit', event.left)
    }
  }

  /** Those who came to the door and wait: whoever may let them in hears of it. */
  async #hearArrival(ids: readonly string[]): Promise<void> {
    if (!this.leader) return
    const asked = await this.#rooms.store.some(this.#admission.meetingId, ids)
    if (asked.some(({ state }) => state === 'waiting')) this.#arrivals.put()
  }

  async #hearMovements(kind: Movement['kind'], ids: readonly string[]): Promise<void> {
    const others = ids.filter((id) => id !== this.#admission.id)
    if (!this.announce || others.length === 0 || (await this.#present()).state !== 'admitted') return
    for (const { name, phone } of await this.#rooms.store.some(this.#admission.meetingId, others)) {
      // Telephones say to the room themselves who they are.
      const isSpoken = phone === null
      const spoken = isSpoken ? await this.#speaker.say(kind, name, this.#admission.lang === 'es' ? 'es' : 'en') : undefined
      this.#movements.put({ kind, ...(spoken === undefined ? {} : { spoken }) })
    }
  }

  /** Whether the meeting's policy allows somebody like this caller something now. */
  async #allows(what: 'allowMicrophone' | 'allowReactions'): Promise<boolean> {
    try {
      const admission = await this.#present()
      const meeting = await this.#rooms.door.meetingOfAdmitted(admission)
      return isModerator(admission.role) || policyOf(meeting)[what]
    } catch (error) {
      if (error instanceof DoorError) return false
      throw error
    }
  }

  /** Say where the admission stands now, if that is news to the caller. */
  async #restate(): Promise<void> {
    const admission = await this.#present()
    const media = admission.state === 'admitted' ? await this.#access(admission) : undefined
    const state = toPhoneState({ state: admission.state, reason: admission.reason, ...(media === undefined ? {} : { media }) })
    if (state === undefined || !isNews(this.#last, state)) return
    this.#last = state
    this.#states.put(state)
    if (state.state === 'closed') this.#states.end()
  }

  async #access(admission: Admission): Promise<{ url: string; token: string } | undefined> {
    try {
      return await this.#rooms.mediaAccess(admission, this.#origin)
    } catch (error) {
      if (error instanceof DoorError) return undefined
      throw error
    }
  }

  /**
   * When speaking is forbidden or allowed, come in anew, muted: the media server takes the voice away without a word to
   * the telephone's client, which could not give it back.
   */
  async #regrade(): Promise<void> {
    if (this.#maySpeak === undefined || this.#last?.state !== 'admitted') return
    const may = await this.mayUnmute()
    if (may === this.#maySpeak) return
    this.#maySpeak = may
    const media = await this.readmit()
    if (media !== undefined) this.#states.put({ state: 'admitted', ...media, muted: true })
  }
}

/** Whether a caller is to hear of a state after the last one. Nobody who was let in waits again; news may overtake each other. */
export function isNews(last: PhoneState | undefined, next: PhoneState): boolean {
  if (last === undefined) return true
  if (last.state === 'closed') return false
  if (next.state !== 'waiting') return last.state !== next.state
  return last.state === 'waiting' && last.why !== next.why
}

/** An entry to a meeting that takes nobody: the caller hears why. */
export function closedEntry(state: PhoneState): PhoneEntry {
  const nothing = async () => {}
  return {
    leader: false,
    announce: false,
    async *states() {
      yield state
    },
    readmit: async () => undefined,
    nameRecorded: () => {},
    people: async () => ({ others: 0, names: [] }),
    toggleHand: async () => 'forbidden',
    mayUnmute: async () => false,
    admitWaiting: async () => 0,
    async *someoneWaits() {},
    async *movements() {},
    leave: nothing,
  }
}
