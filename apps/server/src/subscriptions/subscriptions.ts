import { randomUUID } from 'node:crypto'
import type { Clock } from '../common/clock.ts'
import { addMillis, type Instant, millisOf } from '../common/instant.ts'
import { RateLimit } from '../common/rate-limit.ts'
import type { AccessTokens } from '../identity/access-tokens.ts'
import type { Directory } from '../identity/directory.ts'
import type { Database } from '../store/database.ts'
import { DeliveryLog } from './delivery-log.ts'
import { DeliveryWorker } from './delivery-worker.ts'
import { shakeHands } from './handshake.ts'
import { type Post, post as realPost } from './post.ts'
import type { LifecycleEvent, Notice, Subscription } from './subscription.ts'
import { SubscriptionError } from './subscription-error.ts'
import { type Owner, SubscriptionStore } from './subscription-store.ts'

/** What a caller decides of a new subscription; everything is checked already. */
export type SubscriptionDraft = Pick<
  Subscription,
  | 'tenant_id'
  | 'app_id'
  | 'creator_id'
  | 'creator_kind'
  | 'external'
  | 'resource'
  | 'kind'
  | 'meeting_id'
  | 'user_id'
  | 'change_types'
  | 'notification_url'
  | 'lifecycle_url'
  | 'client_state'
  | 'include_data'
  | 'certificate'
  | 'certificate_id'
  | 'tls_version'
  | 'expires_at'
  | 'limit_key'
>

export interface SubscriptionsOptions {
  db: Database
  clock: Clock
  directory: Directory
  accessTokens: AccessTokens
  /** Names this process among those that work on the database. */
  nodeId: string
  /** Whether addresses that are not public may be told. */
  allowPrivate: boolean
  post?: Post
  onError?: (error: unknown) => void
}

/** The id under which Graph's own notifications are signed; receivers look for it in validation tokens (contract B.17). */
const publisherId = '0bf30f3b-4a52-48df-9a82-234910c4a086'

const perApplication = 1_000
const sweepMs = 5_000
const hour = 3_600_000
const keptMs = 7 * 24 * hour

/** Change notifications: who wants to be told what, and the telling. */
export class Subscriptions {
  readonly store: SubscriptionStore
  readonly log: DeliveryLog
  readonly worker: DeliveryWorker
  readonly #clock: Clock
  readonly #post: Post
  readonly #allowPrivate: boolean
  readonly #throttle: RateLimit
  onError: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #purgedAt = 0

  constructor(options: SubscriptionsOptions) {
    const { db, clock, directory, accessTokens } = options
    this.#clock = clock
    this.#post = options.post ?? realPost
    this.#allowPrivate = options.allowPrivate
    this.#throttle = new RateLimit({ burst: 100, perSecond: 1, millis: () => clock.millis() })
    this.onError = options.onError ?? (() => undefined)
    this.store = new SubscriptionStore(db, clock)
    this.log = new DeliveryLog(db, clock)
    this.worker = new DeliveryWorker({
      ...{ name: options.nodeId, store: this.store, post: this.#post, clock, allowPrivate: options.allowPrivate },
      sign: ({ tenant_id: tenantId, app_id: appId }) =>
        accessTokens.sign(tenantId, appId, { appid: publisherId, azp: publisherId, oid: publisherId, sub: publisherId }),
      isAlive: async (subscription) => {
        if (subscription.external === 1) return true
        const application = await directory.applications.findByClientId(subscription.app_id)
        return application?.enabled === true
      },
      onError: (error) => this.onError(error),
    })
  }

  /** Begin to deliver and to remind. */
  async start(): Promise<void> {
    await this.store.releaseLost()
    this.worker.start()
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch((error: unknown) => this.onError(error))
    }, sweepMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
    await this.worker.stop()
  }

  /** Shake hands with the addresses and keep the subscription. Throws SubscriptionError. */
  async create(draft: SubscriptionDraft): Promise<Subscription> {
    const owner: Owner = { tenantId: draft.tenant_id, appId: draft.app_id, creatorId: null }
    if ((await this.store.count(owner)) >= perApplication)
      throw new SubscriptionError('quota', `An application may have ${perApplication} subscriptions in a tenant.`)
    this.#take(owner)
    await this.#greet(draft)
    if (draft.limit_key !== null) await this.store.freeLimitKey(draft.limit_key)
    const now = this.#clock.now()
    const subscription: Subscription = {
      ...{ id: randomUUID(), ...draft, created_at: now, renewed_at: now, reminded_for: null, removed_at: null },
      ...{ next_attempt_at: null, failures: 0, claimed_by: null, claimed_until: null },
    }
    if (!(await this.store.insert(subscription)))
      throw new SubscriptionError('taken', 'The application has a subscription to this resource already.')
    return subscription
  }

  /** Give a subscription a new expiry, and perhaps another address (which must shake hands). Throws SubscriptionError. */
  async renew(owner: Owner, id: string, change: { expiresAt?: Instant; notificationUrl?: string }): Promise<Subscription> {
    const found = await this.find(owner, id)
    const { notificationUrl, expiresAt = found.expires_at } = change
    if (notificationUrl !== undefined && notificationUrl !== found.notification_url) {
      this.#take(owner)
      await this.#greet({ notification_url: notificationUrl, lifecycle_url: null, tls_version: found.tls_version })
    }
    const renewed = await this.store.renew(id, { expiresAt, ...(notificationUrl === undefined ? {} : { notificationUrl }) })
    if (!renewed) throw missing()
    return this.find(owner, id)
  }

  /** Throws SubscriptionError `missing`. */
  async find(owner: Owner, id: string): Promise<Subscription> {
    const found = await this.store.find(owner, id)
    if (found === undefined) throw missing()
    return found
  }

  /** Throws SubscriptionError `missing`. */
  async remove(owner: Owner, id: string): Promise<void> {
    await this.find(owner, id)
    if (!(await this.store.remove(id, 'the subscription was deleted'))) throw missing()
  }

  /** Queue a notice and see to its delivery. */
  async tell(subscription: Subscription, notice: Notice): Promise<void> {
    await this.store.enqueue(subscription, notice)
    this.worker.wake()
  }

  async tellLifecycle(subscription: Subscription, event: LifecycleEvent): Promise<void> {
    if (subscription.lifecycle_url !== null) await this.tell(subscription, { type: 'lifecycle', event })
  }

  /** Remind of terms that run out, and forget what is long past. */
  async sweep(): Promise<void> {
    const now = this.#clock.now()
    for (const subscription of await this.store.toRemind(addMillis(now, hour))) {
      if (addMillis(now, leadMs(subscription)) < subscription.expires_at) continue
      if (await this.store.noteReminder(subscription)) await this.tellLifecycle(subscription, 'reauthorizationRequired')
    }
    if (this.#clock.millis() - this.#purgedAt < hour) return
    this.#purgedAt = this.#clock.millis()
    await this.store.purge(addMillis(now, -keptMs))
  }

  /** Every handshake calls somebody else's server, so an application makes 100 at once and then one a second. */
  #take(owner: Owner): void {
    const wait = this.#throttle.take(`${owner.tenantId}:${owner.appId}`)
    if (wait > 0) throw new SubscriptionError('busy', 'Too many subscriptions at once.', wait)
  }

  async #greet(addresses: Pick<Subscription, 'notification_url' | 'lifecycle_url' | 'tls_version'>): Promise<void> {
    const minTls = addresses.tls_version === 'v1_3' ? 'TLSv1.3' : 'TLSv1.2'
    const urls = [addresses.notification_url, addresses.lifecycle_url].filter((url) => url !== null)
    const greeted = urls.map((url) => shakeHands(this.#post, url, { allowPrivate: this.#allowPrivate, minTls }))
    const problem = (await Promise.all(greeted)).find((each) => each !== undefined)
    if (problem !== undefined) throw new SubscriptionError('handshake', problem)
  }
}

/** How long before its end a term is reminded of: an hour, or half of a short one. */
function leadMs({ renewed_at: from, expires_at: to }: Subscription): number {
  return Math.min(hour, (millisOf(to) - millisOf(from)) / 2)
}

function missing(): SubscriptionError {
  return new SubscriptionError('missing', 'The subscription does not exist.')
}
