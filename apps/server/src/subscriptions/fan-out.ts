import type { EventFeed } from '../meetings/event-feed.ts'
import type { MeetingEvent } from '../meetings/events.ts'
import type { Journal } from '../meetings/journal.ts'
import type { Database } from '../store/database.ts'
import type { Step } from '../store/unit.ts'
import type { Notice, Subscription } from './subscription.ts'
import type { SubscriptionStore } from './subscription-store.ts'

/** What one subscription is told of an event; `ends` when what it watches is gone with it. */
export interface Made {
  subscription: Subscription
  notice: Notice
  ends?: true
}

export interface FanOutOptions {
  db: Pick<Database, 'unit'>
  journal: Journal
  feed: EventFeed
  store: SubscriptionStore
  /** Who is told what of an event. */
  noticesOf(event: MeetingEvent): Promise<Made[]>
  /** What else goes with a meeting; may be called again for the same. */
  onDeleted(meetingId: string): Promise<void>
  /** Notices were queued. */
  onQueued(): void
  onError(error: unknown): void
}

const eventsAtOnce = 100
const stepsAtOnce = 1_000
const retryMs = 5_000

/**
 * Makes change notifications of the events in the journal: each event at least once, those of a meeting in order. That an
 * event is made is stored in one unit with its notices, and a notice made twice is stored once, so neither a crash nor a
 * second process that does the same loses or doubles any.
 */
export class FanOut {
  readonly #options: FanOutOptions
  readonly #stops: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = true

  constructor(options: FanOutOptions) {
    this.#options = options
  }

  start(): void {
    const { journal, feed } = this.#options
    this.#stopped = false
    this.#stops.push(
      journal.onCommit(({ isPending }) => {
        if (isPending) this.wake()
      }),
      feed.onLook(() => this.wake()),
    )
    this.wake()
  }

  /** Stop, once what is under way is stored. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const stop of this.#stops) stop()
    clearTimeout(this.#timer)
    await this.#running
  }

  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Make notices of everything that is pending. Whether something is left over that could not be made. */
  async drain(): Promise<boolean> {
    const stuck = new Set<string>()
    for (;;) {
      let made = 0
      for (let after = ''; ; ) {
        const events = await this.#options.journal.pending(after, eventsAtOnce)
        made += await this.#make(events, stuck)
        if (events.length < eventsAtOnce) break
        after = events.at(-1)!.meetingId
      }
      if (made === 0) return stuck.size > 0
    }
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      const isLeft = await this.drain().catch((error: unknown) => {
        this.#options.onError(error)
        return true
      })
      clearTimeout(this.#timer)
      if (isLeft && !this.#stopped) this.#timer = setTimeout(() => this.wake(), retryMs).unref()
    }
  }

  /** How many were made. A meeting whose event cannot be made is stuck: its later ones wait for it. */
  async #make(events: readonly MeetingEvent[], stuck: Set<string>): Promise<number> {
    let steps: Step[] = []
    let made = 0
    const flush = async () => {
      if (steps.length === 0) return
      await this.#options.db.unit(steps, ['fanOut'])
      steps = []
      this.#options.onQueued()
    }
    for (const event of events) {
      if (stuck.has(event.meetingId)) continue
      try {
        steps.push(...(await this.#stepsOf(event)))
        made += 1
      } catch (error) {
        stuck.add(event.meetingId)
        this.#options.onError(error)
      }
      if (steps.length >= stepsAtOnce) await flush()
    }
    await flush()
    return made
  }

  async #stepsOf(event: MeetingEvent): Promise<Step[]> {
    const { store, journal, noticesOf, onDeleted, onError } = this.#options
    const made = await noticesOf(event)
    if (event.kind === 'meetingDeleted') await onDeleted(event.meetingId).catch(onError)
    return [
      ...made.flatMap(({ subscription, notice, ends }) => [
        ...(ends === true ? [store.ending(subscription)] : []),
        ...(notice.type === 'lifecycle' && subscription.lifecycle_url === null
          ? []
          : store.queueing(subscription, notice, event)),
      ]),
      journal.fannedOut(event),
    ]
  }
}
