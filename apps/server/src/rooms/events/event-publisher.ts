import type { Media } from '@parley/door-api'
import type { EventFeed } from '../../meetings/event-feed.ts'
import type { MeetingEvent } from '../../meetings/events.ts'
import type { Journal } from '../../meetings/journal.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import { type Admission, isLive, type Reason } from '../admission/admission.ts'
import { closedReason } from '../admission/admission-draft.ts'
import { powersOf } from '../admission/policy.ts'
import type { EventStream, EventStreams } from './event-streams.ts'
import type { Listener, PassingEvents } from './passing-events.ts'
import { admissionView, baseView, type ViewContext, waitingView, withPowers } from './views.ts'

/** Changes that come within this time are told as one: five hundred people asking are not five hundred lists. */
const settleMs = 100
/** Of a list that grows with those who wait, fewer are sent: as many milliseconds more for each of them. */
const settleMsOfEach = 5
/** The most events a page that comes back is told one by one. */
const mostMissed = 1_000

export interface EventPublisherOptions {
  context: ViewContext
  feed: EventFeed
  journal: Journal
  meetingStore: MeetingStore
  streams: EventStreams
  passing: PassingEvents
  /** A media token for somebody who was let in; undefined when they were not, after all. */
  media(admission: Admission, meeting: Meeting, origin: string): Promise<Media>
  onError(error: unknown): void
}

/** Tells open pages what changed: each what concerns it (docs/door-api.md, Events). */
export class EventPublisher {
  readonly #options: EventPublisherOptions
  readonly #lobbies = new Map<string, NodeJS.Timeout>()
  /** How many waited when that was last told. */
  readonly #lobbySizes = new Map<string, number>()
  readonly #meetings = new Map<string, NodeJS.Timeout>()

  /** What is being published to a meeting's pages: one event after the other, so that their numbers rise. */
  readonly #publishing = new Map<string, Promise<void>>()

  constructor(options: EventPublisherOptions) {
    this.#options = options
    options.feed.listen((event) => {
      if (options.streams.ofMeeting(event.meetingId).length > 0) this.#inOrder(event.meetingId, () => this.#publish(event))
    })
  }

  /**
   * Send a newly opened stream what passed since the event it knows last, if it says one, and then the present state of
   * everything, as of the event `seq` or later.
   */
  async open(stream: EventStream, admission: Admission, events: { seq: number; known: number | null }): Promise<void> {
    if (events.known !== null) await this.#publishMissed({ stream, admission }, events.known, events.seq)
    const { context, meetingStore } = this.#options
    await this.#publishAdmission(admission, [stream])
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) return
    const lock = await context.admissionStore.lockOf(meeting.id)
    stream.send('meeting', withPowers(await baseView(context, meeting, lock), meeting, admission, lock), events.seq)
    if (mayAdmit(meeting, admission, lock)) stream.send('lobby', await this.#lobby(admission))
  }

  close(): void {
    for (const timer of [...this.#lobbies.values(), ...this.#meetings.values()]) clearTimeout(timer)
    this.#options.streams.endAll()
  }

  async #publish(event: MeetingEvent): Promise<void> {
    const { meetingId } = event
    switch (event.kind) {
      case 'asked':
        this.#soon(this.#lobbies, meetingId, () => this.#publishLobby(meetingId))
        return
      case 'admitted':
      case 'changed':
      case 'ended':
        for (const id of event.admissionIds) await this.#publishChange(id)
        this.#soon(this.#lobbies, meetingId, () => this.#publishLobby(meetingId))
        return
      case 'closed':
        return this.#publishClosed(meetingId, event.reason)
      case 'meetingDeleted':
        return this.#publishClosed(meetingId, 'deleted')
      case 'meetingUpdated': {
        const closed = closedReason(event.meeting, event.at)
        if (closed !== undefined) return this.#publishClosed(meetingId, closed)
        this.#soon(this.#meetings, meetingId, () => this.#publishMeeting(meetingId))
        return
      }
      case 'roomChanged':
        this.#soon(this.#meetings, meetingId, () => this.#publishMeeting(meetingId))
        return
      default:
        if (this.#options.passing.has(event)) await this.#options.passing.send(event, await this.#audience(meetingId))
    }
  }

  async #publishMissed(listener: Listener, known: number, seq: number): Promise<void> {
    const { journal, passing } = this.#options
    if (known >= seq) return
    const missed = await journal.read(listener.admission.meetingId, Math.max(known, seq - mostMissed), mostMissed)
    for (const event of missed) if (event.seq <= seq && passing.has(event)) await passing.send(event, [listener])
  }

  /** Tell somebody of their own admission as it is now. */
  async #publishChange(admissionId: string): Promise<void> {
    const { context, meetingStore, streams } = this.#options
    const listening = streams.ofAdmission(admissionId)
    const admission = listening.length === 0 ? undefined : (await context.admissionStore.find(admissionId))?.admission
    if (admission === undefined) return
    await this.#publishAdmission(admission, listening)
    if (!isLive(admission)) {
      for (const stream of listening) stream.end()
      return
    }
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) return
    const lock = await context.admissionStore.lockOf(meeting.id)
    const view = withPowers(await baseView(context, meeting, lock), meeting, admission, lock)
    for (const stream of listening) stream.send('meeting', view)
  }

  async #publishAdmission(admission: Admission, listening: EventStream[]): Promise<void> {
    const { context, meetingStore, media } = this.#options
    const place = admission.state === 'waiting' ? (await context.admissionStore.countBefore(admission)) + 1 : null
    const view = admissionView(admission, place)
    const meeting = admission.state === 'admitted' ? await meetingStore.findById(admission.meetingId) : undefined
    for (const stream of listening) {
      const access = meeting === undefined ? undefined : await media(admission, meeting, stream.origin)
      stream.send('admission', access === undefined ? view : { ...view, media: access })
    }
  }

  async #publishClosed(meetingId: string, reason: Reason): Promise<void> {
    const { context, meetingStore, streams } = this.#options
    const listening = streams.ofMeeting(meetingId)
    const meeting = await meetingStore.findById(meetingId)
    const view = meeting && { ...(await baseView(context, meeting, null)), reason }
    const ids = new Set(listening.map(({ admissionId }) => admissionId))
    for (const admission of await context.admissionStore.some(meetingId, [...ids])) {
      // Somebody who came in after it ended is not meant.
      if (isLive(admission)) continue
      for (const stream of streams.ofAdmission(admission.id)) {
        stream.send('admission', admissionView(admission, null))
        if (view !== undefined) stream.send('meeting', view)
        stream.end()
      }
    }
  }

  /** Who waits, to those who may let them in; and their place, to those who wait. */
  async #publishLobby(meetingId: string): Promise<void> {
    const { context, meetingStore } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const audience = await this.#audience(meetingId)
    if (meeting === undefined || audience.length === 0) return
    const lock = await context.admissionStore.lockOf(meetingId)
    const waiting = await context.admissionStore.list(meetingId, ['waiting'])
    if (waiting.length === 0) this.#lobbySizes.delete(meetingId)
    else this.#lobbySizes.set(meetingId, waiting.length)
    const places = new Map(waiting.map(({ id }, index) => [id, index + 1]))
    for (const { stream, admission } of audience) {
      const place = places.get(admission.id)
      if (place !== undefined) stream.send('admission', admissionView(admission, place))
      else if (mayAdmit(meeting, admission, lock))
        stream.send('lobby', { waiting: waiting.map((one) => waitingView(one, admission)) })
    }
  }

  async #publishMeeting(meetingId: string): Promise<void> {
    const { context, meetingStore } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const audience = await this.#audience(meetingId)
    if (meeting === undefined || audience.length === 0) return
    const lock = await context.admissionStore.lockOf(meetingId)
    const view = await baseView(context, meeting, lock)
    for (const { stream, admission } of audience) {
      stream.send('meeting', withPowers(view, meeting, admission, lock))
      if (admission.state === 'admitted') stream.send('room', { policy: view.policy })
    }
    await this.#publishLobby(meetingId)
  }

  async #lobby(viewer: Admission) {
    const waiting = await this.#options.context.admissionStore.list(viewer.meetingId, ['waiting'])
    return { waiting: waiting.map((one) => waitingView(one, viewer)) }
  }

  async #audience(meetingId: string): Promise<Listener[]> {
    const { context, streams } = this.#options
    const listening = streams.ofMeeting(meetingId)
    if (listening.length === 0) return []
    const live = await context.admissionStore.list(meetingId, ['waiting', 'admitted'])
    const byId = new Map(live.map((admission) => [admission.id, admission]))
    return listening.flatMap((stream) => {
      const admission = byId.get(stream.admissionId)
      return admission === undefined ? [] : [{ stream, admission }]
    })
  }

  #soon(timers: Map<string, NodeJS.Timeout>, key: string, publish: () => Promise<void>): void {
    if (timers.has(key)) return
    const fire = () => {
      timers.delete(key)
      this.#inOrder(key, publish)
    }
    const ms = settleMs + settleMsOfEach * (this.#lobbySizes.get(key) ?? 0)
    timers.set(key, setTimeout(fire, ms).unref())
  }

  #inOrder(meetingId: string, publish: () => Promise<void>): void {
    const last = (this.#publishing.get(meetingId) ?? Promise.resolve())
      .then(publish)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        if (this.#publishing.get(meetingId) === last) this.#publishing.delete(meetingId)
      })
    this.#publishing.set(meetingId, last)
  }
}

function mayAdmit(meeting: Meeting, admission: Admission, lock: boolean | null): boolean {
  return admission.state === 'admitted' && powersOf(meeting, admission, lock === true).canAdmit
}
