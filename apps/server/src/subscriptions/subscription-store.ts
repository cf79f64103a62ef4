import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Clock } from '../common/clock.ts'
import { guidOf } from '../common/guid.ts'
import { addMillis, type Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { Step } from '../store/unit.ts'
import type { Notice, Notification, Subscription } from './subscription.ts'

export interface Owner {
  tenantId: string
  appId: string
  /** Only this person's; null for all of the application's. */
  creatorId: string | null
}

/** The outcome of an attempt, as it is written down. */
export interface AttemptRecord {
  state: 'queued' | 'delivered' | 'dropped'
  status: number | null
  error: string | null
  duration: number
}

/** Where subscriptions and their queues are kept. SQL only. */
export class SubscriptionStore {
  readonly #db: Database
  readonly #clock: Clock
  #lastMillis = 0
  #count = 0

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** False when its limit key is taken. */
  async insert(subscription: Subscription): Promise<boolean> {
    const result = await this.#db
      .insertInto('subscriptions')
      .values(subscription)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  /** A subscription its owner can see: not removed, not expired. */
  async find(owner: Owner, id: string): Promise<Subscription | undefined> {
    return this.#visible(owner).selectAll().where('id', '=', id).executeTakeFirst()
  }

  async list(owner: Owner, options: { after: string; limit: number }): Promise<Subscription[]> {
    return this.#visible(owner).selectAll().where('id', '>', options.after).orderBy('id').limit(options.limit).execute()
  }

  async count(owner: Owner): Promise<number> {
    const row = await this.#visible(owner)
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  /** Whether a tenant has this subscription and it lasts. */
  async isActive(tenantId: string, id: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('subscriptions')
      .select('id')
      .where('id', '=', id)
      .where('tenant_id', '=', tenantId)
      .where('removed_at', 'is', null)
      .where('expires_at', '>', this.#clock.now())
      .executeTakeFirst()
    return row !== undefined
  }

  /** Begin a new term. False when it is gone. */
  async renew(id: string, change: { expiresAt: Instant; notificationUrl?: string }): Promise<boolean> {
    const now = this.#clock.now()
    const result = await this.#db
      .updateTable('subscriptions')
      .set({ expires_at: change.expiresAt, renewed_at: now })
      .$if(change.notificationUrl !== undefined, (query) => query.set({ notification_url: change.notificationUrl! }))
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Take a subscription from its owner's sight and drop what was still to be told. False when it was gone already. */
  async remove(id: string, reason: string): Promise<boolean> {
    const now = this.#clock.now()
    const result = await this.#db
      .updateTable('subscriptions')
      .set({ removed_at: now, limit_key: null, next_attempt_at: null })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    await this.#db
      .updateTable('notifications')
      .set({ state: 'dropped', last_error: reason, finished_at: now, content: null })
      .where('subscription_id', '=', id)
      .where('state', '=', 'queued')
      .execute()
    return result.numUpdatedRows === 1n
  }

  /** Free the limit key of one that has expired, so that a new one can take it. */
  async freeLimitKey(key: string): Promise<void> {
    await this.#db
      .updateTable('subscriptions')
      .set({ limit_key: null })
      .where('limit_key', '=', key)
      .where('expires_at', '<=', this.#clock.now())
      .execute()
  }

  /** Those watching a meeting now. */
  async watching(meetingId: string, kind: string): Promise<Subscription[]> {
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('kind', '=', kind)
      .where('removed_at', 'is', null)
      .where('expires_at', '>', this.#clock.now())
      .orderBy('id')
      .execute()
  }

  /** Those with a lifecycle address that expire before a moment and were not reminded of that. */
  async toRemind(before: Instant): Promise<Subscription[]> {
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('expires_at', '<=', before)
      .where('expires_at', '>', this.#clock.now())
      .where('removed_at', 'is', null)
      .where('lifecycle_url', 'is not', null)
      .where((where) => where.or([where('reminded_for', 'is', null), where('reminded_for', '<>', where.ref('expires_at'))]))
      .execute()
  }

  /** False when another process reminded first. */
  async noteReminder({ id, expires_at: expiresAt }: Subscription): Promise<boolean> {
    const result = await this.#db
      .updateTable('subscriptions')
      .set({ reminded_for: expiresAt })
      .where('id', '=', id)
      .where('expires_at', '=', expiresAt)
      .where((where) => where.or([where('reminded_for', 'is', null), where('reminded_for', '<>', expiresAt)]))
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Put a notice at the end of a subscription's queue. */
  async enqueue(subscription: Subscription, notice: Notice): Promise<void> {
    await this.#db.unit(this.queueing(subscription, notice, null))
  }

  /**
   * The steps that put a notice at the end of a subscription's queue. A notice of a meeting's event is put there once,
   * however often it is made, and its id is the same each time.
   */
  queueing(subscription: Subscription, notice: Notice, event: { meetingId: string; seq: number } | null): Step[] {
    const now = this.#clock.now()
    const { id: subscriptionId, tenant_id: tenantId } = subscription
    const [resource, data, content] =
      notice.type === 'change' ? [notice.resource, notice.resourceData, notice.content] : [subscription.resource, {}, null]
    const insert = this.#db
      .insertInto('notifications')
      .values(({ selectFrom }) => ({
        ...{
          id: event === null ? randomUUID() : guidOf(`${subscriptionId} ${event.meetingId} ${event.seq}`),
          seq: this.#nextSeq(),
        },
        ...{ subscription_id: subscriptionId, tenant_id: tenantId, event_seq: event?.seq ?? null },
        position: selectFrom('notifications')
          .select(sql<number>`coalesce(max(position), 0) + 1`.as('next'))
          .where('subscription_id', '=', subscriptionId),
        ...{ type: notice.type, event: notice.event, resource, resource_data: JSON.stringify(data) },
        content: content === null || subscription.include_data === 0 ? null : JSON.stringify(content),
        ...{ state: 'queued' as const, attempts: 0, last_status: null, last_error: null, last_duration: null },
        ...{ created_at: now, attempted_at: null, finished_at: null },
      }))
      .onConflict((conflict) => conflict.columns(['subscription_id', 'event_seq']).doNothing())
      .compile()
    const due = this.#db
      .updateTable('subscriptions')
      .set({ next_attempt_at: now })
      .where('id', '=', subscriptionId)
      .where('next_attempt_at', 'is', null)
      .compile()
    return [{ query: insert }, { query: due }]
  }

  /** The step that takes a subscription from its owner's sight; what is queued is still told. */
  ending({ id }: Subscription): Step {
    const query = this.#db
      .updateTable('subscriptions')
      .set({ removed_at: this.#clock.now(), limit_key: null })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .compile()
    return { query }
  }

  /** Subscriptions whose queue is due and that no process holds. */
  async due(limit: number): Promise<string[]> {
    const now = this.#clock.now()
    const rows = await this.#db
      .selectFrom('subscriptions')
      .select('id')
      .where('next_attempt_at', '<=', now)
      .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]))
      .orderBy('next_attempt_at')
      .limit(limit)
      .execute()
    return rows.map(({ id }) => id)
  }

  /** The next moment something is due; undefined when nothing is queued. */
  async nextDue(): Promise<Instant | undefined> {
    const rows = await this.#db
      .selectFrom('subscriptions')
      .select(['next_attempt_at', 'claimed_until'])
      .where('next_attempt_at', 'is not', null)
      .orderBy('next_attempt_at')
      .limit(100)
      .execute()
    return rows.map(({ next_attempt_at: at, claimed_until: until }) => (until !== null && until > at! ? until : at!)).sort()[0]
  }

  /** Hold a due queue for a while; undefined when somebody else does. */
  async claim(id: string, worker: string, leaseMs: number): Promise<Subscription | undefined> {
    const now = this.#clock.now()
    return this.#db
      .updateTable('subscriptions')
      .set({ claimed_by: worker, claimed_until: addMillis(now, leaseMs) })
      .where('id', '=', id)
      .where('next_attempt_at', '<=', now)
      .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]))
      .returningAll()
      .executeTakeFirst()
  }

  /** Let go of what processes held that are no nodes any more. */
  async releaseLost(): Promise<void> {
    await this.#db
      .updateTable('subscriptions')
      .set({ claimed_by: null, claimed_until: null })
      .where('claimed_by', 'is not', null)
      .where('claimed_by', 'not in', (query) => query.selectFrom('nodes').select('nodes.id'))
      .execute()
  }

  /** The head of a queue, in order. */
  async queued(subscriptionId: string, limit: number): Promise<Notification[]> {
    return this.#db
      .selectFrom('notifications')
      .selectAll()
      .where('subscription_id', '=', subscriptionId)
      .where('state', '=', 'queued')
      .orderBy('position')
      .orderBy('seq')
      .limit(limit)
      .execute()
  }

  async record(ids: readonly string[], attempt: AttemptRecord): Promise<void> {
    if (ids.length === 0) return
    const now = this.#clock.now()
    const done = attempt.state === 'queued' ? {} : { finished_at: now, content: null }
    await this.#db
      .updateTable('notifications')
      .set((set) => ({
        ...{ state: attempt.state, attempts: set('attempts', '+', 1), last_status: attempt.status, last_error: attempt.error },
        ...{ last_duration: attempt.duration, attempted_at: now, ...done },
      }))
      .where('id', 'in', ids)
      .where('state', '=', 'queued')
      .execute()
  }

  /**
   * Let go of a queue. `nextAttemptAt` null means that it looked empty; a notice that came meanwhile makes it due again.
   * Does nothing for a worker that has lost its hold.
   */
  async release(id: string, worker: string, change: { nextAttemptAt: Instant | null; failures: number }): Promise<void> {
    const now = this.#clock.now()
    await this.#db
      .updateTable('subscriptions')
      .set((set) => ({
        ...{ claimed_by: null, claimed_until: null, failures: change.failures },
        next_attempt_at:
          change.nextAttemptAt ??
          set
            .case()
            .when(
              set.exists(
                set
                  .selectFrom('notifications')
                  .select('notifications.id')
                  .whereRef('notifications.subscription_id', '=', 'subscriptions.id')
                  .where('notifications.state', '=', 'queued'),
              ),
            )
            .then(now)
            .else(null)
            .end(),
      }))
      .where('id', '=', id)
      .where('claimed_by', '=', worker)
      .execute()
  }

  /** Forget what ended before a moment: log entries, then subscriptions without any left. */
  async purge(before: Instant): Promise<void> {
    await this.#db.deleteFrom('notifications').where('finished_at', '<', before).where('state', '<>', 'queued').execute()
    await this.#db
      .deleteFrom('subscriptions')
      .where((where) => where.or([where('removed_at', '<', before), where('expires_at', '<', before)]))
      .execute()
  }

  #visible({ tenantId, appId, creatorId }: Owner) {
    return this.#db
      .selectFrom('subscriptions')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .where('removed_at', 'is', null)
      .where('expires_at', '>', this.#clock.now())
      .$if(creatorId !== null, (query) => query.where('creator_id', '=', creatorId!))
  }

  /** Rises in this process whatever the clock does; over processes it follows the clock. */
  #nextSeq(): string {
    const millis = Math.max(this.#clock.millis(), this.#lastMillis)
    this.#count = millis === this.#lastMillis ? this.#count + 1 : 0
    this.#lastMillis = millis
    return `${String(millis).padStart(15, '0')}-${String(this.#count).padStart(6, '0')}`
  }
}
