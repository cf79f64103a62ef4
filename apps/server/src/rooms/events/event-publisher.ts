import type { ChatChange, DoorEvents, Media, Notice } from '@parley/door-api'
import type { ChatEvents } from '../../chat/chat-events.ts'
import { toView } from '../../chat/message.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Admission, Reason } from '../admission/admission.ts'
import type { Door, DoorEvent } from '../admission/door.ts'
import { powersOf } from '../admission/policy.ts'
import type { EventStream, EventStreams } from './event-streams.ts'
import { admissionView, baseView, type ViewContext, waitingView, withPowers } from './views.ts'

/** Changes that come within this time are told as one: five hundred people asking are not five hundred lists. */
const settleMs = 100

export interface EventPublisherOptions {
  context: ViewContext
  door: Door
  meetingStore: MeetingStore
  streams: EventStreams
  chatEvents: ChatEvents
  /** A media token for somebody who was let in; undefined when they were not, after all. */
  media(admission: Admission, meeting: Meeting, origin: string): Promise<Media>
  onError(error: unknown): void
}

/** Tells open pages what changed: each what concerns it (docs/door-api.md, Events). */
export class EventPublisher {
  readonly #options: EventPublisherOptions
  readonly #lobbies = new Map<string, NodeJS.Timeout>()
  readonly #meetings = new Map<string, NodeJS.Timeout>()

  constructor(options: EventPublisherOptions) {
    this.#options = options
    options.door.onEvent((event) => this.#onDoor(event))
    options.chatEvents.on((meetingId, { type, message }) => this.#guard(this.#publishChat(meetingId, type, message)))
  }

  /** Send a newly opened stream the present state of everything. */
  async open(stream: EventStream, admission: Admission): Promise<void> {
    const { context, meetingStore } = this.#options
    await this.#publishAdmission(admission, [stream])
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) return
    const lock = await context.admissionStore.lockOf(meeting.id)
    stream.send('meeting', withPowers(await baseView(context, meeting, lock), meeting, admission, lock))
    if (mayAdmit(meeting, admission, lock)) stream.send('lobby', await this.#lobby(admission))
  }

  /** Tell one person something of their own. */
  notice(admissionId: string, data: Notice): void {
    for (const stream of this.#options.streams.ofAdmission(admissionId)) stream.send('notice', data)
  }

  /** Tell everybody who is in. */
  async toAdmitted<Name extends keyof DoorEvents>(
    meetingId: string,
    event: Name,
    data: DoorEvents[Name],
    except?: string,
  ): Promise<void> {
    const { context, streams } = this.#options
    const listening = streams.ofMeeting(meetingId)
    if (listening.length === 0) return
    // Ids only: two hundred coming at once are two hundred announcements to everybody.
    const admitted = await context.admissionStore.admittedIds(meetingId)
    for (const stream of listening)
      if (stream.admissionId !== except && admitted.has(stream.admissionId)) stream.send(event, data)
  }

  /** Write to people who wait. */
  async message(meetingId: string, text: string, from: string, id?: string): Promise<number> {
    let reached = 0
    for (const { stream, admission } of await this.#audience(meetingId)) {
      if (admission.state !== 'waiting' || (id !== undefined && admission.id !== id)) continue
      stream.send('message', { text, from })
      reached += 1
    }
    return reached
  }

  close(): void {
    for (const timer of [...this.#lobbies.values(), ...this.#meetings.values()]) clearTimeout(timer)
    this.#options.streams.endAll()
  }

  #onDoor(event: DoorEvent): void {
    const { streams } = this.#options
    if (event.kind === 'meeting') {
      this.#soon(this.#meetings, event.meetingId, () => this.#publishMeeting(event.meetingId))
      return
    }
    if (event.kind === 'closed') {
      this.#guard(this.#publishClosed(event.meetingId, event.reason, event.ended))
      return
    }
    const { admission } = event
    if (event.kind !== 'asked') {
      const listening = streams.ofAdmission(admission.id)
      if (listening.length > 0) this.#guard(this.#publishChange(event.kind, admission, listening))
    }
    this.#soon(this.#lobbies, admission.meetingId, () => this.#publishLobby(admission.meetingId))
  }

  async #publishChange(kind: 'changed' | 'ended' | 'admitted', admission: Admission, listening: EventStream[]): Promise<void> {
    await this.#publishAdmission(admission, listening)
    if (kind === 'ended') {
      for (const stream of listening) stream.end()
      return
    }
    const { context, meetingStore } = this.#options
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

  async #publishClosed(meetingId: string, reason: Reason, ended: Admission[]): Promise<void> {
    const { context, meetingStore, streams } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const view = meeting && { ...(await baseView(context, meeting, null)), reason }
    for (const admission of ended)
      for (const stream of streams.ofAdmission(admission.id)) {
        stream.send('admission', admissionView(admission, null))
        if (view !== undefined) stream.send('meeting', view)
        stream.end()
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

  async #publishChat(meetingId: string, type: ChatChange['type'], message: Parameters<typeof toView>[0]): Promise<void> {
    for (const { stream, admission } of await this.#audience(meetingId))
      if (admission.state === 'admitted' && (admission.grants?.readChat ?? true))
        stream.send('chat', { type, message: toView(message, admission) })
  }

  async #lobby(viewer: Admission) {
    const waiting = await this.#options.context.admissionStore.list(viewer.meetingId, ['waiting'])
    return { waiting: waiting.map((one) => waitingView(one, viewer)) }
  }

  async #audience(meetingId: string): Promise<{ stream: EventStream; admission: Admission }[]> {
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
      this.#guard(publish())
    }
    timers.set(key, setTimeout(fire, settleMs).unref())
  }

  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#options.onError(error))
  }
}

function mayAdmit(meeting: Meeting, admission: Admission, lock: boolean | null): boolean {
  return admission.state === 'admitted' && powersOf(meeting, admission, lock === true).canAdmit
}
