import type { Clock } from '../common/clock.ts'
import { millisOf } from '../common/instant.ts'
import { AddressError } from './address.ts'
import { decide, isStale, type Outcome } from './delivery.ts'
import { changePayload, lifecyclePayload } from './payload.ts'
import { type Post, PostError } from './post.ts'
import type { Notification, Subscription } from './subscription.ts'
import type { SubscriptionStore } from './subscription-store.ts'

export interface WorkerOptions {
  /** Whose claims these are: this process's. */
  name: string
  store: SubscriptionStore
  post: Post
  clock: Clock
  allowPrivate: boolean
  /** Signs the validation token of a notification with encrypted content. */
  sign(subscription: Subscription): Promise<string>
  /** Whether the application may still be told anything. */
  isAlive(subscription: Subscription): Promise<boolean>
  /** A failure of ours, not of a receiver. */
  onError(error: unknown): void
  /** In 0..1, for spreading retries. */
  random?: () => number
}

/** A receiver has three seconds (contract B.17). */
const timeoutMs = 3_000
const leaseMs = 10_000
const perPost = 20
const atOnce = 32
const longestSleepMs = 30_000

/**
 * Delivers what is queued: for each subscription in order and one POST at a time, however many processes there are. A
 * queue is held by a lease, so a process that dies in the middle leaves it to the next; a notice may then arrive twice,
 * with the same id, and never out of order.
 */
export class DeliveryWorker {
  readonly #options: WorkerOptions
  readonly #name: string
  readonly #serving = new Map<string, Promise<void>>()
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running = false
  #looking: Promise<void> | undefined
  #again = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#name = options.name
  }

  start(): void {
    this.#running = true
    this.wake()
  }

  /** Stop; attempts under way are given up and made again by whoever comes next. */
  async stop(): Promise<void> {
    this.#running = false
    clearTimeout(this.#timer)
    this.#abort.abort()
    await this.#looking
    await Promise.all(this.#serving.values())
  }

  /** Look at the queues now. */
  wake(): void {
    if (!this.#running) return
    if (this.#looking !== undefined) {
      this.#again = true
      return
    }
    this.#looking = this.#look()
      .catch(this.#options.onError)
      .finally(() => {
        this.#looking = undefined
        if (this.#again) {
          this.#again = false
          this.wake()
        }
      })
  }

  /** Serve every queue that is due until none is; for tests and for commands that do not stay. */
  async drain(): Promise<void> {
    for (;;) {
      const due = await this.#options.store.due(atOnce)
      if (due.length === 0) return
      await Promise.all(due.map((id) => this.#serve(id)))
    }
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#options
    for (const id of await store.due(atOnce)) {
      if (this.#serving.size >= atOnce) break
      if (this.#serving.has(id)) continue
      const serving = this.#serve(id)
        .catch(this.#options.onError)
        .finally(() => {
          this.#serving.delete(id)
          this.wake()
        })
      this.#serving.set(id, serving)
    }
    const next = await store.nextDue()
    clearTimeout(this.#timer)
    if (next === undefined || !this.#running) return
    // Those being served wake this loop when they are done; a pause keeps a due one that is held elsewhere from spinning.
    const wait = Math.min(Math.max(millisOf(next) - clock.millis(), 100), longestSleepMs)
    this.#timer = setTimeout(() => this.wake(), wait)
    this.#timer.unref()
  }

  /** One attempt at the head of a subscription's queue. */
  async #serve(id: string): Promise<void> {
    const { store, clock, random = Math.random } = this.#options
    const subscription = await store.claim(id, this.#name, leaseMs)
    if (subscription === undefined) return
    const batch = await this.#head(subscription)
    if (batch.length === 0) {
      await store.release(id, this.#name, { nextAttemptAt: null, failures: 0 })
      return
    }
    const started = clock.millis()
    const outcome = await this.#attempt(subscription, batch)
    if (outcome === 'stopped') {
      await store.release(id, this.#name, { nextAttemptAt: clock.now(), failures: subscription.failures })
      return
    }
    const duration = Math.max(0, clock.millis() - started)
    const ids = batch.map((each) => each.id)
    const decision = decide(outcome, { failures: subscription.failures, now: clock.now(), spread: random() })
    const error = outcome.ok ? null : outcome.error
    const state = decision.kind === 'delivered' ? 'delivered' : 'queued'
    await store.record(ids, { state, status: outcome.status, error, duration })
    if (decision.kind === 'delivered') await store.release(id, this.#name, { nextAttemptAt: null, failures: 0 })
    else await store.release(id, this.#name, { nextAttemptAt: decision.at, failures: decision.failures })
  }

  /** What is sent next: the oldest notices that go to the same address, those past trying dropped. */
  async #head(subscription: Subscription): Promise<Notification[]> {
    const { store, clock } = this.#options
    const queued = await store.queued(subscription.id, perPost)
    const alive = await this.#options.isAlive(subscription)
    const stale = queued.filter(({ created_at: at }) => !alive || isStale(at, clock.now()))
    const error = alive ? 'given up after four hours' : 'the application is gone'
    await store.record(
      stale.map(({ id }) => id),
      { state: 'dropped', status: null, error, duration: 0 },
    )
    const fresh = queued.filter((each) => !stale.includes(each))
    const other = fresh.findIndex(({ type }) => type !== fresh[0]!.type)
    return other < 0 ? fresh : fresh.slice(0, other)
  }

  async #attempt(subscription: Subscription, batch: readonly Notification[]): Promise<Outcome | 'stopped'> {
    const { post, allowPrivate, sign } = this.#options
    const changes = batch[0]!.type === 'change'
    const url = changes ? subscription.notification_url : subscription.lifecycle_url
    if (url === null) return { ok: true, status: 0 }
    const token = changes && subscription.include_data === 1 ? await sign(subscription) : null
    const body = changes ? changePayload(subscription, batch, token) : lifecyclePayload(subscription, batch)
    try {
      const answer = await post({
        ...{ url, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body), timeoutMs, allowPrivate },
        ...{ minTls: subscription.tls_version === 'v1_3' ? 'TLSv1.3' : 'TLSv1.2', signal: this.#abort.signal },
      })
      if (answer.status >= 200 && answer.status < 300) return { ok: true, status: answer.status }
      const retryAfter = answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter }
      return { ok: false, status: answer.status, error: `answered ${answer.status}`, ...retryAfter }
    } catch (error) {
      if (this.#abort.signal.aborted) return 'stopped'
      if (error instanceof AddressError || error instanceof PostError) return { ok: false, status: null, error: error.message }
      throw error
    }
  }
}
