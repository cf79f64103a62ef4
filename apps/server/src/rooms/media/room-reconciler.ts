import type { ParticipantInfo } from 'livekit-server-sdk'
import type { Clock } from '../../common/clock.ts'
import type { Instant } from '../../common/instant.ts'
import type { Log } from '../../common/log.ts'
import type { EventFeed } from '../../meetings/event-feed.ts'
import type { MeetingEvent } from '../../meetings/events.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import { type Admission, isLive } from '../admission/admission.ts'
import { closedReason } from '../admission/admission-draft.ts'
import type { AdmissionStore } from '../admission/admission-store.ts'
import { rightsOf } from '../admission/policy.ts'
import { type MediaPerson, permissionOf, type RoomMedia } from './room-media.ts'

/** What the media room is told of an admitted person. */
export function mediaPersonOf(admission: Admission, meeting: Pick<Meeting, 'options' | 'meetingType'>): MediaPerson {
  return {
    room: admission.meetingId,
    identity: admission.identity,
    name: admission.name,
    attributes: {
      role: admission.role,
      ...(admission.phone === null ? {} : { phone: '1' }),
      ...(admission.userId === null ? {} : { signedIn: '1' }),
    },
    rights: rightsOf(meeting, admission),
  }
}

/**
 * Keeps the media rooms as the door says: nobody in them who is not admitted, nobody with other rights than theirs.
 * One look at a room does all of it, so it does not matter which events were lost.
 */
export class RoomReconciler {
  readonly #feed: EventFeed
  /** Meetings somebody is in: what any process does to them concerns a room that is looked after here. */
  readonly #pins = new Map<string, { round: number; pin: Promise<{ release(): void }> }>()
  #round = 0
  readonly #store: AdmissionStore
  readonly #meetingStore: MeetingStore
  readonly #media: RoomMedia
  readonly #log: Log
  readonly #clock: Clock
  /** Rooms being looked at; `again` when something changed meanwhile. */
  readonly #busy = new Map<string, { again: boolean; done: Promise<void> }>()
  /** Orders under way to the media server, by room. */
  readonly #orders = new Map<string, Set<Promise<unknown>>>()
  /** Told of every look that succeeded, with the moment it began. */
  onObserved: (room: string, present: ParticipantInfo[], startedAt: Instant) => Promise<void> = async () => {}

  constructor(options: {
    feed: EventFeed
    store: AdmissionStore
    meetingStore: MeetingStore
    media: RoomMedia
    clock: Clock
    log: Log
  }) {
    this.#store = options.store
    this.#meetingStore = options.meetingStore
    this.#media = options.media
    this.#log = options.log
    this.#clock = options.clock
    this.#feed = options.feed
    options.feed.listen((event) => this.#onEvent(event))
  }

  /** Bring a room in order; calls that come meanwhile share one more look. */
  reconcile(room: string): Promise<void> {
    const busy = this.#busy.get(room)
    if (busy !== undefined) {
      busy.again = true
      return busy.done
    }
    const entry = { again: false, done: Promise.resolve() }
    entry.done = this.#run(room, entry)
    this.#busy.set(room, entry)
    return entry.done
  }

  /** Follow what happens to these meetings, and no more to others. */
  follow(used: ReadonlySet<string>): void {
    this.#round += 1
    for (const meetingId of used) this.#pin(meetingId)
    for (const [meetingId, { round, pin }] of this.#pins) {
      // Somebody may have come in since the list was made.
      if (used.has(meetingId) || round >= this.#round - 1) continue
      this.#pins.delete(meetingId)
      pin.then(
        ({ release }) => release(),
        () => undefined,
      )
    }
  }

  /** Wait until what was ordered of a room so far is done, or failed. */
  async settled(room: string): Promise<void> {
    await this.#feed.caughtUp(room)
    await Promise.all([...(this.#orders.get(room) ?? []), this.#busy.get(room)?.done])
  }

  /**
   * Whether somebody who came into a room may be there; sends them out when not, where the room is a meeting's, and takes
   * the rights of an old token from them when they are not theirs any more.
   */
  async arrived(room: string, participant: ParticipantInfo): Promise<boolean> {
    if (!(await this.check(room, participant.identity))) return false
    const admission = await this.#store.findByIdentity(participant.identity)
    const meeting = await this.#meetingStore.findById(room)
    if (admission !== undefined && meeting !== undefined) await this.#correct(mediaPersonOf(admission, meeting), participant)
    return true
  }

  /** Whether somebody who is in a room may be; sends them out when not, where the room is a meeting's. */
  async check(room: string, identity: string): Promise<boolean> {
    const admission = await this.#store.findByIdentity(identity)
    if (admission?.meetingId === room && admission.state === 'admitted') return true
    if (await this.isMeetings(room)) await this.#media.remove(room, identity)
    return false
  }

  /** Whether a room belongs to a meeting, or to one that was: a LiveKit server may carry other applications' rooms too. */
  async isMeetings(room: string): Promise<boolean> {
    return (await this.#meetingStore.findById(room)) !== undefined || (await this.#store.knows(room))
  }

  async #run(room: string, entry: { again: boolean }): Promise<void> {
    try {
      do {
        entry.again = false
        await this.#observe(room)
      } while (entry.again)
    } catch (error) {
      // The next round finds what is still wrong.
      this.#log.warn({ err: error, room }, 'a media room could not be brought in order')
    } finally {
      this.#busy.delete(room)
    }
  }

  async #observe(room: string): Promise<void> {
    const startedAt = this.#clock.now()
    const present = await this.#media.list(room)
    const meeting = await this.#meetingStore.findById(room)
    const admitted = await this.#store.list(room, ['admitted'])
    const byIdentity = new Map(admitted.map((admission) => [admission.identity, admission]))
    const strangers: ParticipantInfo[] = []
    const absent = new Set(admitted)
    for (const participant of present) {
      const admission = byIdentity.get(participant.identity)
      if (admission !== undefined) absent.delete(admission)
      if (admission === undefined || meeting === undefined) strangers.push(participant)
      else await this.#correct(mediaPersonOf(admission, meeting), participant)
    }
    for (const admission of absent) if (meeting !== undefined) await this.#media.updateAbsent(mediaPersonOf(admission, meeting))
    for (const { identity } of strangers) {
      // Read again: somebody may have been let in since the list was made.
      await this.check(room, identity)
    }
    await this.onObserved(room, present, startedAt)
  }

  async #correct(wanted: MediaPerson, found: ParticipantInfo): Promise<void> {
    const permission = permissionOf(wanted.rights)
    const sources = found.permission?.canPublishSources ?? []
    const same =
      found.permission !== undefined &&
      found.permission.canPublish === permission.canPublish &&
      found.permission.canPublishData === permission.canPublishData &&
      (!permission.canPublish ||
        (sources.length === permission.canPublishSources.length &&
          permission.canPublishSources.every((source) => sources.includes(source)))) &&
      found.name === wanted.name &&
      Object.entries(wanted.attributes).every(([name, value]) => found.attributes[name] === value)
    if (!same) await this.#media.update(wanted)
  }

  #onEvent(event: MeetingEvent): void {
    const { meetingId } = event
    switch (event.kind) {
      case 'asked':
      case 'admitted':
        this.#pin(meetingId)
        return
      case 'changed':
        this.#guard(meetingId, this.#regrade(meetingId, event.admissionIds))
        return
      case 'ended':
        this.#guard(meetingId, this.#sendOutAll(meetingId, event.admissionIds))
        return
      case 'closed':
      case 'meetingDeleted':
        this.#guard(meetingId, this.#empty(meetingId, event.at))
        return
      case 'meetingUpdated':
        if (closedReason(event.meeting, event.at) === undefined) this.#tidyUsed(meetingId)
        else this.#guard(meetingId, this.#empty(meetingId, event.at))
        return
      case 'roomChanged':
        this.#tidyUsed(meetingId)
    }
  }

  #pin(meetingId: string): void {
    const pinned = this.#pins.get(meetingId)
    if (pinned !== undefined) {
      pinned.round = this.#round
      return
    }
    const pin = this.#feed.pin(meetingId)
    this.#pins.set(meetingId, { round: this.#round, pin })
    pin.catch((error: unknown) => {
      this.#pins.delete(meetingId)
      this.#log.warn({ err: error, room: meetingId }, 'a meeting could not be followed')
    })
  }

  async #regrade(meetingId: string, ids: readonly string[]): Promise<void> {
    if ((await this.#store.some(meetingId, ids)).some(({ state }) => state === 'admitted')) await this.reconcile(meetingId)
  }

  /** A change of a meeting nobody is in has nobody to reach; the media server is not asked for it. */
  #tidyUsed(meetingId: string): void {
    this.#store.count(meetingId, 'admitted').then(
      (admitted) => {
        if (admitted > 0) void this.reconcile(meetingId)
      },
      (error: unknown) => this.#log.warn({ err: error, room: meetingId }, 'a media room could not be brought in order'),
    )
  }

  async #sendOut(admission: Admission): Promise<void> {
    if (admission.admittedAt !== null) await this.#media.remove(admission.meetingId, admission.identity)
  }

  async #sendOutAll(meetingId: string, ids: readonly string[]): Promise<void> {
    const ended = await this.#store.some(meetingId, ids)
    await Promise.all(ended.filter((admission) => !isLive(admission)).map((admission) => this.#sendOut(admission)))
  }

  /** Empty the room of a meeting that closed at a moment. */
  async #empty(meetingId: string, at: Instant): Promise<void> {
    const ended = await this.#store.closedAt(meetingId, at)
    if (ended.length === 0) return
    // Each by name first: their tokens die with it. Then the room, with whoever else may be in it.
    await Promise.allSettled(ended.map((admission) => this.#sendOut(admission)))
    await this.#media.end(meetingId)
  }

  #guard(room: string, work: Promise<unknown>): void {
    const orders = this.#orders.get(room) ?? new Set()
    this.#orders.set(room, orders)
    const order = work
      .catch((error: unknown) => this.#log.warn({ err: error, room }, 'the media server did not take an order'))
      .finally(() => {
        orders.delete(order)
        if (orders.size === 0) this.#orders.delete(room)
      })
    orders.add(order)
  }
}
