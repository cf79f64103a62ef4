import type { Announcement } from '@parley/door-api'
import type { ChatStore } from '../../chat/chat-store.ts'
import { toView } from '../../chat/message.ts'
import { formatInstant } from '../../common/instant.ts'
import type { EventOf, MeetingEvent } from '../../meetings/events.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Admission } from '../admission/admission.ts'
import type { AdmissionStore } from '../admission/admission-store.ts'
import type { EventStream } from './event-streams.ts'

/** An open page and whose it is. */
export interface Listener {
  stream: EventStream
  admission: Admission
}

export interface PassingEventsOptions {
  admissionStore: AdmissionStore
  meetingStore: MeetingStore
  chatStore: Pick<ChatStore, 'find'>
}

/**
 * The events a page cannot make up for by looking at the present state: chat, who came and went, and what is said to
 * people. They carry their number, and a page that comes back gets those it missed.
 */
export class PassingEvents {
  readonly #options: PassingEventsOptions

  constructor(options: PassingEventsOptions) {
    this.#options = options
  }

  /** Whether an event is one of these. */
  has(event: MeetingEvent): boolean {
    return event.kind === 'chat' || event.kind === 'rosterUpdated' || event.kind === 'notice' || event.kind === 'lobbyMessage'
  }

  /** Send an event to those of an audience whom it concerns. */
  async send(event: MeetingEvent, audience: readonly Listener[]): Promise<void> {
    if (audience.length === 0) return
    switch (event.kind) {
      case 'chat':
        return this.#chat(event, audience)
      case 'rosterUpdated':
        return this.#announce(event, audience)
      case 'notice':
        return this.#notice(event, audience)
      case 'lobbyMessage':
        return this.#message(event, audience)
    }
  }

  async #chat({ meetingId, messageId, change, seq }: EventOf<'chat'>, audience: readonly Listener[]): Promise<void> {
    const found = await this.#options.chatStore.find(meetingId, messageId)
    if (found === undefined) return
    const type = change === 'created' ? 'message' : change
    for (const { stream, admission } of audience)
      if (admission.state === 'admitted' && (admission.grants?.readChat ?? true))
        stream.send('chat', { type, message: toView(found.message, admission) }, seq)
  }

  /** Who came or went, to everybody else who is in, where the meeting says so (`entryExitAnnouncement`). */
  async #announce(event: EventOf<'rosterUpdated'>, audience: readonly Listener[]): Promise<void> {
    const { meetingId, joined, left, happenedAt, seq } = event
    const meeting = await this.#options.meetingStore.findById(meetingId)
    if (meeting?.entryExitAnnouncement !== true) return
    const moved = await this.#options.admissionStore.some(meetingId, [...joined, ...left])
    for (const { id, name, phone, identity } of moved) {
      const kind: Announcement['kind'] = joined.includes(id) ? 'entry' : 'exit'
      const data = { kind, name, phone: phone !== null, at: formatInstant(happenedAt), identity }
      for (const { stream, admission } of audience)
        if (admission.state === 'admitted' && admission.id !== id) stream.send('announce', data, seq)
    }
  }

  async #notice(
    { admissionId, notice: { byId, ...notice }, seq }: EventOf<'notice'>,
    audience: readonly Listener[],
  ): Promise<void> {
    const by = await this.#nameOf(byId)
    for (const { stream, admission } of audience) if (admission.id === admissionId) stream.send('notice', { ...notice, by }, seq)
  }

  async #message({ toId, text, byId, seq }: EventOf<'lobbyMessage'>, audience: readonly Listener[]): Promise<void> {
    const from = await this.#nameOf(byId)
    for (const { stream, admission } of audience)
      if (admission.state === 'waiting' && (toId === null || admission.id === toId)) stream.send('message', { text, from }, seq)
  }

  async #nameOf(admissionId: string): Promise<string> {
    return (await this.#options.admissionStore.find(admissionId))?.admission.name ?? ''
  }
}
