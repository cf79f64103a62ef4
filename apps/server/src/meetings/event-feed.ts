import type { Database } from '../store/database.ts'
import type { MeetingEvent } from './events.ts'
import type { Journal, Written } from './journal.ts'

export interface EventFeedOptions {
  db: Pick<Database, 'dataVersion'>
  journal: Journal
  onError(error: unknown): void
}

/** How often a process looks whether another one wrote: where the database can tell at no cost, and where it cannot. */
const lookMs = 100
const blindLookMs = 1_000
const eventsAtOnce = 200

/** A meeting that is followed. */
interface Topic {
  pins: number
  /** The last event that was told; undefined while that is being found out. */
  cursor: number | undefined
  opening: Promise<void> | undefined
  /** Reads the journal until it has told everything; there while it does. */
  reading: Promise<void> | undefined
  again: boolean
}

/**
 * Tells the parts of this process what happens in meetings, out of the journal, each event once and in order. What this
 * process commits is told of every meeting, at once; what other processes commit, of meetings that are pinned here.
 */
export class EventFeed {
  readonly #options: EventFeedOptions
  readonly #topics = new Map<string, Topic>()
  readonly #listeners = new Set<(event: MeetingEvent) => void>()
  readonly #followers = new Map<string, Set<(event: MeetingEvent) => void>>()
  readonly #lookListeners = new Set<() => void>()
  readonly #stopListening: () => void
  #version: number | null | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: EventFeedOptions) {
    this.#options = options
    this.#stopListening = options.journal.onCommit((written) => this.#committed(written))
  }

  /** Hear every event that is told here. Returns the way to stop. */
  listen(listener: (event: MeetingEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Be told when there may be something new of another process. Returns the way to stop. */
  onLook(listener: () => void): () => void {
    this.#lookListeners.add(listener)
    return () => this.#lookListeners.delete(listener)
  }

  /**
   * Follow a meeting from now on, whoever writes its events. What the caller reads of it afterwards is at least as new
   * as `seq`, and every event after that is told. The pin is held until it is released.
   */
  async pin(meetingId: string): Promise<{ seq: number; release(): void }> {
    let topic = this.#topics.get(meetingId)
    if (topic === undefined) {
      topic = { pins: 0, cursor: undefined, opening: undefined, reading: undefined, again: false }
      topic.opening = this.#open(meetingId, topic)
      this.#topics.set(meetingId, topic)
    }
    topic.pins += 1
    let held = true
    const release = () => {
      if (!held) return
      held = false
      topic.pins -= 1
      this.#tidy(meetingId, topic)
    }
    try {
      await topic.opening
    } catch (error) {
      release()
      throw error
    }
    return { seq: topic.cursor!, release }
  }

  /** Pin a meeting and hear its events. `seq` as for `pin`. */
  async follow(meetingId: string, listener: (event: MeetingEvent) => void): Promise<{ seq: number; stop(): void }> {
    const followers = this.#followers.get(meetingId) ?? new Set()
    this.#followers.set(meetingId, followers)
    followers.add(listener)
    const unfollow = () => {
      followers.delete(listener)
      if (followers.size === 0 && this.#followers.get(meetingId) === followers) this.#followers.delete(meetingId)
    }
    try {
      const { seq, release } = await this.pin(meetingId)
      const stop = () => {
        unfollow()
        release()
      }
      return { seq, stop }
    } catch (error) {
      unfollow()
      throw error
    }
  }

  /** Wait until everything is told that this process has committed of a meeting so far. */
  async caughtUp(meetingId: string): Promise<void> {
    await this.#topics.get(meetingId)?.reading
  }

  /** Begin to look for what other processes write. */
  start(): void {
    const next = () => {
      this.#looking = this.look()
        .catch(this.#options.onError)
        .finally(() => {
          if (!this.#stopped) this.#timer = setTimeout(next, this.#version === null ? blindLookMs : lookMs).unref()
        })
    }
    next()
  }

  /** Stop, once what is being told is told. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#stopListening()
    await this.#looking
    await Promise.all([...this.#topics.values()].map(({ reading }) => reading))
  }

  /** Look once. */
  async look(): Promise<void> {
    const version = await this.#options.db.dataVersion()
    const isSame = version !== null && version === this.#version
    this.#version = version
    if (isSame) return
    const pinned = [...this.#topics].filter(([, { pins }]) => pins > 0).map(([meetingId]) => meetingId)
    if (pinned.length > 0)
      for (const [meetingId, head] of await this.#options.journal.heads(pinned)) {
        const topic = this.#topics.get(meetingId)
        if (topic?.cursor !== undefined && head > topic.cursor) this.#read(meetingId, topic)
      }
    for (const listener of this.#lookListeners) listener()
  }

  #committed({ meetingId, first, events }: Written): void {
    let topic = this.#topics.get(meetingId)
    if (topic === undefined) {
      // Of a meeting that was just made nobody here can have heard.
      if (events.every(({ kind }) => kind === 'meetingCreated')) return
      topic = { pins: 0, cursor: first - 1, opening: undefined, reading: undefined, again: false }
      this.#topics.set(meetingId, topic)
    }
    // Being opened: what was before this commit is history to whoever pins it.
    topic.cursor ??= first - 1
    this.#read(meetingId, topic)
  }

  async #open(meetingId: string, topic: Topic): Promise<void> {
    try {
      const head = await this.#options.journal.head(meetingId)
      topic.cursor ??= head
    } catch (error) {
      this.#topics.delete(meetingId)
      throw error
    } finally {
      topic.opening = undefined
    }
  }

  #read(meetingId: string, topic: Topic): void {
    topic.again = true
    topic.reading ??= this.#readOn(meetingId, topic)
      .catch((error: unknown) => {
        // What could not be read is found by the next look.
        this.#version = undefined
        this.#options.onError(error)
      })
      .finally(() => {
        topic.reading = undefined
        this.#tidy(meetingId, topic)
      })
  }

  async #readOn(meetingId: string, topic: Topic): Promise<void> {
    while (topic.again) {
      topic.again = false
      const events = await this.#options.journal.read(meetingId, topic.cursor!, eventsAtOnce)
      for (const event of events) {
        topic.cursor = event.seq
        this.#tell(event)
      }
      if (events.length === eventsAtOnce) topic.again = true
    }
  }

  #tell(event: MeetingEvent): void {
    for (const listener of [...this.#listeners, ...(this.#followers.get(event.meetingId) ?? [])])
      try {
        listener(event)
      } catch (error) {
        this.#options.onError(error)
      }
  }

  /** A meeting nobody pinned is forgotten when all is told: its next commit here says where to go on. */
  #tidy(meetingId: string, topic: Topic): void {
    if (topic.pins === 0 && topic.reading === undefined && this.#topics.get(meetingId) === topic) this.#topics.delete(meetingId)
  }
}
