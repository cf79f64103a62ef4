import type { Admission, Announcement, Answer, Ask, DoorEvents, Media, Meeting, Reason, Waiting } from '@parley/door-api'
import { backoff, pause } from '../lib/backoff.ts'
import { recallTab, rememberTab } from '../lib/storage.ts'
import { createStore } from '../lib/store.ts'
import { type DoorClient, DoorError } from './client.ts'

/** Why the meeting is over for this person: a reason of the door, or one the page knows by itself. */
export type Closed = Reason | 'left' | 'notFound' | 'lost'

/** One's own admission, with what later calls are signed with. */
type OwnAdmission = Admission & { secret: string }

type DoorState = {
  admission: OwnAdmission | null
  meeting: Meeting | null
  media: Media | null
  closed: Closed | null
  asking: boolean
  error: DoorError | null
  /** False while the event stream is broken and being mended. */
  online: boolean
  waiting: Waiting[]
  notes: { id: number; text: string; from: string }[]
}

type Listeners = {
  announce: (announcement: Announcement) => void
  chat: (change: DoorEvents['chat']) => void
  notice: (notice: DoorEvents['notice']) => void
  newcomer: (waiting: Waiting) => void
}

const closedCodes: Record<string, Closed> = {
  MeetingCancelled: 'cancelled',
  MeetingExpired: 'expired',
  MeetingDeleted: 'deleted',
  MeetingEnded: 'ended',
}
const closing: readonly string[] = ['cancelled', 'expired', 'deleted', 'ended']

/** The state in which the meeting is over, or null while waiting or in. */
export function closedBy(admission: Pick<Admission, 'state' | 'reason'>): Closed | null {
  if (admission.state === 'waiting' || admission.state === 'admitted') return null
  if (admission.state === 'left') return 'left'
  return admission.reason ?? (admission.state as Closed)
}

/** One person's way through the door: asking, waiting, being in, and what ends it. Heals by itself after a lost connection. */
export class DoorSession {
  readonly store
  readonly client: DoorClient
  #key: string
  #stream: AbortController | null = null
  #listeners: Partial<Listeners> = {}
  #noteId = 0

  /** `key` names the meeting in this tab's storage, so that a reload is the same admission. */
  constructor(client: DoorClient, key: string, meeting: Meeting | null) {
    this.client = client
    this.#key = `admission:${key}`
    const closed = meeting && closing.includes(meeting.state) ? (meeting.state as Closed) : null
    this.store = createStore<DoorState>({
      admission: null,
      meeting,
      media: null,
      closed,
      asking: false,
      error: null,
      online: true,
      waiting: [],
      notes: [],
    })
  }

  on<K extends keyof Listeners>(event: K, listener: Listeners[K]): () => void {
    this.#listeners[event] = listener
    return () => {
      if (this.#listeners[event] === listener) delete this.#listeners[event]
    }
  }

  /** True when this tab was in the meeting before it was loaded again. */
  get resumable(): boolean {
    return recallTab(this.#key) !== null
  }

  /** Take up the admission this tab had before it was loaded again. */
  async resume(): Promise<void> {
    const kept = recallTab(this.#key)
    if (!kept) return
    const [id = '', secret = ''] = kept.split('.', 2)
    this.client.use({ id, secret })
    this.store.set({ asking: true })
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await this.client.me()
        // Gone from the lobby while the page was closed: a page that was opened again begins again.
        if (answer.admission.state === 'left') this.again()
        else this.#take(answer)
        this.store.set({ asking: false })
        return
      } catch (error) {
        if (!(error instanceof DoorError) || !error.passing) {
          this.#forget()
          this.store.set({ asking: false, closed: error instanceof DoorError ? (closedCodes[error.code] ?? null) : null })
          return
        }
        await pause(backoff(attempt))
      }
    }
  }

  /** Ask to come in. */
  async ask(ask: Ask): Promise<void> {
    this.store.set({ asking: true, error: null, closed: null })
    this.client.use(null)
    try {
      this.#take(await this.client.ask(ask))
    } catch (error) {
      const refused = error instanceof DoorError ? error : new DoorError('Unknown', String(error), 0)
      const closed = closedCodes[refused.code] ?? (refused.code === 'MeetingNotFound' && ask.link ? 'notFound' : null)
      this.store.set({ asking: false, error: refused, closed })
    }
  }

  async leave(): Promise<void> {
    this.#stop()
    this.store.set({ closed: 'left', media: null })
    await this.client.leave().catch(() => undefined)
    this.#forget()
  }

  /** To be called when the page goes: whoever waits is taken off the lobby within seconds, unless the page comes back. */
  away(): void {
    if (this.store.get().admission?.state === 'waiting') this.client.away()
  }

  /** Back to the page before joining. */
  again(): void {
    this.#stop()
    this.#forget()
    this.store.set({ admission: null, media: null, closed: null, error: null, waiting: [], notes: [] })
  }

  /**
   * A media token that works now, asked for until there is one; null when the admission has ended meanwhile
   * (the store then says why).
   */
  async freshMedia(signal: AbortSignal): Promise<Media | null> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await this.client.mediaToken()
      } catch (error) {
        if (error instanceof DoorError && !error.passing) {
          await this.#refresh()
          return null
        }
        await pause(backoff(attempt), signal)
      }
    }
    return null
  }

  #take(answer: Answer): void {
    const { admission, meeting, media } = answer
    const secret = admission.secret ?? this.store.get().admission?.secret ?? (recallTab(this.#key) ?? '').split('.', 2)[1] ?? ''
    this.client.use({ id: admission.id, secret })
    const closed = closedBy(admission)
    if (closed) this.#forget()
    else rememberTab(this.#key, `${admission.id}.${secret}`)
    this.store.set((now) => ({
      admission: { ...admission, secret },
      meeting,
      media: media ?? now.media,
      closed,
      asking: false,
      error: null,
    }))
    if (closed) this.#stop()
    else this.#listen()
  }

  async #refresh(): Promise<void> {
    try {
      this.#take(await this.client.me())
    } catch (error) {
      if (!(error instanceof DoorError) || error.passing) return
      this.#end(closedCodes[error.code] ?? 'lost')
    }
  }

  #end(closed: Closed): void {
    this.#stop()
    this.#forget()
    this.store.set({ closed, media: null })
  }

  #forget(): void {
    rememberTab(this.#key, null)
  }

  #stop(): void {
    this.#stream?.abort()
    this.#stream = null
  }

  #listen(): void {
    if (this.#stream) return
    const stream = new AbortController()
    this.#stream = stream
    void this.#follow(stream.signal)
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.client.events(
          (event, data) => this.#handle(event, data),
          () => {
            attempt = 0
            this.store.set({ online: true })
          },
          signal,
        )
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof DoorError && !error.passing) {
          await this.#refresh()
          if (signal.aborted) return
        }
      }
      if (signal.aborted) return
      this.store.set({ online: false })
      await pause(backoff(attempt), signal)
    }
  }

  #handle(event: string, data: unknown): void {
    const handlers: { [K in keyof DoorEvents]: (data: DoorEvents[K]) => void } = {
      admission: (change) => {
        const { media, ...rest } = change
        const before = this.store.get().admission
        if (!before) return
        const admission: OwnAdmission = { ...before, ...rest, secret: before.secret }
        const closed = closedBy(admission)
        if (closed) {
          this.store.set({ admission })
          this.#end(closed)
        } else if (admission.state === 'admitted' && !media && !this.store.get().media) void this.#refresh()
        else this.store.set((now) => ({ admission, media: media ?? now.media }))
      },
      meeting: (meeting) => {
        this.store.set({ meeting })
        const reason = closing.includes(meeting.state) ? meeting.state : meeting.reason
        if (reason && closing.includes(reason)) this.#end(reason as Closed)
      },
      lobby: ({ waiting }) => {
        const known = new Set(this.store.get().waiting.map((one) => one.id))
        this.store.set({ waiting })
        for (const one of waiting) if (!known.has(one.id)) this.#listeners.newcomer?.(one)
      },
      message: (note) => {
        this.#noteId += 1
        const id = this.#noteId
        this.store.set((now) => ({ notes: [...now.notes, { ...note, id }].slice(-20) }))
      },
      announce: (announcement) => this.#listeners.announce?.(announcement),
      chat: (change) => this.#listeners.chat?.(change),
      room: ({ policy }) => this.store.set((now) => ({ meeting: now.meeting && { ...now.meeting, policy } })),
      notice: (notice) => this.#listeners.notice?.(notice),
    }
    if (Object.hasOwn(handlers, event)) (handlers[event as keyof DoorEvents] as (data: unknown) => void)(data)
  }
}
