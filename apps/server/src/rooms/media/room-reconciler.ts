import type { ParticipantInfo } from 'livekit-server-sdk'
import type { Clock } from '../../common/clock.ts'
import type { Instant } from '../../common/instant.ts'
import type { Log } from '../../common/log.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Admission } from '../admission/admission.ts'
import type { AdmissionStore } from '../admission/admission-store.ts'
import type { Door, DoorEvent } from '../admission/door.ts'
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
    door: Door
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
    options.door.onEvent((event) => this.#onDoor(event))
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

  /** Wait until what was ordered of a room so far is done, or failed. */
  async settled(room: string): Promise<void> {
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

  #onDoor(event: DoorEvent): void {
    if (event.kind === 'ended') this.#guard(event.admission.meetingId, this.#sendOut(event.admission))
    else if (event.kind === 'closed') this.#guard(event.meetingId, this.#empty(event.meetingId, event.ended))
    else if (event.kind === 'meeting') this.#tidyUsed(event.meetingId)
    else if (event.kind === 'changed' && event.admission.state === 'admitted') void this.reconcile(event.admission.meetingId)
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

  async #empty(meetingId: string, ended: Admission[]): Promise<void> {
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
