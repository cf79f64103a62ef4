import { toView } from '../chat/message.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Admission, Reason } from './admission.ts'
import type { Door, DoorEvent } from './door.ts'
import { powersOf } from './policy.ts'
import type { RoomEvents } from './room-events.ts'
import { admissionView, baseView, type ViewContext, waitingView, withPowers } from './views.ts'
import type { Watcher, Watchers } from './watchers.ts'

/** Changes that come within this time are told as one: five hundred people asking are not five hundred lists. */
const settleMs = 100

export interface NewsOptions {
  context: ViewContext
  door: Door
  meetingStore: MeetingStore
  watchers: Watchers
  roomEvents: RoomEvents
  /** A media token for somebody who was let in; undefined when they were not, after all. */
  media(admission: Admission, meeting: Meeting, origin: string): Promise<{ url: string; token: string }>
  onError(error: unknown): void
}

/** Tells open pages what changed: each what concerns it (docs/door-api.md, Events). */
export class News {
  readonly #options: NewsOptions
  readonly #lobbies = new Map<string, NodeJS.Timeout>()
  readonly #meetings = new Map<string, NodeJS.Timeout>()

  constructor(options: NewsOptions) {
    this.#options = options
    options.door.onEvent((event) => this.#onDoor(event))
    options.roomEvents.on((meetingId, event) => {
      if (event.kind === 'chat') this.#guard(this.#tellChat(meetingId, event.type, event.message))
    })
  }

  /** Send a newly opened stream the present state of everything. */
  async open(watcher: Watcher, admission: Admission): Promise<void> {
    const { context, meetingStore } = this.#options
    await this.#tellAdmission(admission, [watcher])
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) return
    const lock = await context.admissionStore.lockOf(meeting.id)
    watcher.send('meeting', withPowers(await baseView(context, meeting, lock), meeting, admission, lock))
    if (mayAdmit(meeting, admission, lock)) watcher.send('lobby', await this.#lobby(admission))
  }

  /** Tell one person something of their own. */
  notice(admissionId: string, data: { kind: string; [member: string]: unknown }): void {
    for (const watcher of this.#options.watchers.ofAdmission(admissionId)) watcher.send('notice', data)
  }

  /** Tell everybody who is in. */
  async toAdmitted(meetingId: string, event: string, data: unknown, except?: string): Promise<void> {
    const { context, watchers } = this.#options
    const listening = watchers.ofMeeting(meetingId)
    if (listening.length === 0) return
    // Ids only: two hundred coming at once are two hundred announcements to everybody.
    const admitted = await context.admissionStore.admittedIds(meetingId)
    for (const watcher of listening)
      if (watcher.admissionId !== except && admitted.has(watcher.admissionId)) watcher.send(event, data)
  }

  /** Write to people who wait. */
  async message(meetingId: string, text: string, from: string, id?: string): Promise<number> {
    let reached = 0
    for (const { watcher, admission } of await this.#audience(meetingId)) {
      if (admission.state !== 'waiting' || (id !== undefined && admission.id !== id)) continue
      watcher.send('message', { text, from })
      reached += 1
    }
    return reached
  }

  close(): void {
    for (const timer of [...this.#lobbies.values(), ...this.#meetings.values()]) clearTimeout(timer)
    this.#options.watchers.endAll()
  }

  #onDoor(event: DoorEvent): void {
    const { watchers } = this.#options
    if (event.kind === 'meeting') {
      this.#soon(this.#meetings, event.meetingId, () => this.#tellMeeting(event.meetingId))
      return
    }
    if (event.kind === 'closed') {
      this.#guard(this.#tellClosed(event.meetingId, event.reason, event.ended))
      return
    }
    const { admission } = event
    if (event.kind !== 'asked') {
      const listening = watchers.ofAdmission(admission.id)
      if (listening.length > 0) this.#guard(this.#tellChange(event.kind, admission, listening))
    }
    this.#soon(this.#lobbies, admission.meetingId, () => this.#tellLobby(admission.meetingId))
  }

  async #tellChange(kind: 'changed' | 'ended' | 'admitted', admission: Admission, listening: Watcher[]): Promise<void> {
    await this.#tellAdmission(admission, listening)
    if (kind === 'ended') {
      for (const watcher of listening) watcher.end()
      return
    }
    const { context, meetingStore } = this.#options
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) return
    const lock = await context.admissionStore.lockOf(meeting.id)
    const view = withPowers(await baseView(context, meeting, lock), meeting, admission, lock)
    for (const watcher of listening) watcher.send('meeting', view)
  }

  async #tellAdmission(admission: Admission, listening: Watcher[]): Promise<void> {
    const { context, meetingStore, media } = this.#options
    const place = admission.state === 'waiting' ? (await context.admissionStore.countBefore(admission)) + 1 : null
    const view = admissionView(admission, place)
    const meeting = admission.state === 'admitted' ? await meetingStore.findById(admission.meetingId) : undefined
    for (const watcher of listening) {
      const access = meeting === undefined ? undefined : await media(admission, meeting, watcher.origin)
      watcher.send('admission', access === undefined ? view : { ...view, media: access })
    }
  }

  async #tellClosed(meetingId: string, reason: Reason, ended: Admission[]): Promise<void> {
    const { context, meetingStore, watchers } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const view = meeting && { ...(await baseView(context, meeting, null)), reason }
    for (const admission of ended)
      for (const watcher of watchers.ofAdmission(admission.id)) {
        watcher.send('admission', admissionView(admission, null))
        if (view !== undefined) watcher.send('meeting', view)
        watcher.end()
      }
  }

  /** Who waits, to those who may let them in; and their place, to those who wait. */
  async #tellLobby(meetingId: string): Promise<void> {
    const { context, meetingStore } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const audience = await this.#audience(meetingId)
    if (meeting === undefined || audience.length === 0) return
    const lock = await context.admissionStore.lockOf(meetingId)
    const waiting = await context.admissionStore.list(meetingId, ['waiting'])
    const places = new Map(waiting.map(({ id }, index) => [id, index + 1]))
    for (const { watcher, admission } of audience) {
      const place = places.get(admission.id)
      if (place !== undefined) watcher.send('admission', admissionView(admission, place))
      else if (mayAdmit(meeting, admission, lock))
        watcher.send('lobby', { waiting: waiting.map((one) => waitingView(one, admission)) })
    }
  }

  async #tellMeeting(meetingId: string): Promise<void> {
    const { context, meetingStore } = this.#options
    const meeting = await meetingStore.findById(meetingId)
    const audience = await this.#audience(meetingId)
    if (meeting === undefined || audience.length === 0) return
    const lock = await context.admissionStore.lockOf(meetingId)
    const view = await baseView(context, meeting, lock)
    for (const { watcher, admission } of audience) {
      watcher.send('meeting', withPowers(view, meeting, admission, lock))
      if (admission.state === 'admitted') watcher.send('room', { policy: view.policy })
    }
    await this.#tellLobby(meetingId)
  }

  async #tellChat(meetingId: string, type: string, message: Parameters<typeof toView>[0]): Promise<void> {
    for (const { watcher, admission } of await this.#audience(meetingId))
      if (admission.state === 'admitted') watcher.send('chat', { type, message: toView(message, admission) })
  }

  async #lobby(viewer: Admission) {
    const waiting = await this.#options.context.admissionStore.list(viewer.meetingId, ['waiting'])
    return { waiting: waiting.map((one) => waitingView(one, viewer)) }
  }

  async #audience(meetingId: string): Promise<{ watcher: Watcher; admission: Admission }[]> {
    const { context, watchers } = this.#options
    const listening = watchers.ofMeeting(meetingId)
    if (listening.length === 0) return []
    const live = await context.admissionStore.list(meetingId, ['waiting', 'admitted'])
    const byId = new Map(live.map((admission) => [admission.id, admission]))
    return listening.flatMap((watcher) => {
      const admission = byId.get(watcher.admissionId)
      return admission === undefined ? [] : [{ watcher, admission }]
    })
  }

  #soon(timers: Map<string, NodeJS.Timeout>, key: string, tell: () => Promise<void>): void {
    if (timers.has(key)) return
    const fire = () => {
      timers.delete(key)
      this.#guard(tell())
    }
    timers.set(key, setTimeout(fire, settleMs).unref())
  }

  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#options.onError(error))
  }
}

function mayAdmit(meeting: Meeting, admission: Admission, lock: boolean | null): boolean {
  return admission.state === 'admitted' && powersOf(meeting, admission.role, lock === true).canAdmit
}
