import type { Clock } from '../common/clock.ts'
import { formatInstant, type Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { Notification, Subscription } from './subscription.ts'

/** A subscription as an administrator sees it: no client state, no keys, no paths or queries of addresses. */
export interface SubscriptionSummary {
  id: string
  appId: string
  creatorId: string
  resource: string
  changeTypes: string[]
  /** Host and port alone: paths and queries may hold secrets. */
  receiver: string
  includesData: boolean
  createdDateTime: string
  expirationDateTime: string
  /** Null while it is active. */
  endedDateTime: string | null
  /** Attempts that failed since the last that did not. */
  failures: number
  nextAttemptDateTime: string | null
  queued: number
}

export interface DeliverySummary {
  id: string
  /** The place to continue from. */
  cursor: string
  subscriptionId: string
  type: 'change' | 'lifecycle'
  event: string
  resource: string
  state: 'queued' | 'delivered' | 'dropped'
  attempts: number
  lastStatus: number | null
  lastError: string | null
  /** Milliseconds. */
  lastDuration: number | null
  createdDateTime: string
  attemptedDateTime: string | null
  finishedDateTime: string | null
}

const date = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))
const maxPage = 200

/** What an administrator can read of change notifications, and do about them. All within one tenant. */
export class DeliveryLog {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Subscriptions, newest first, ended ones too while they are kept. */
  async subscriptions(tenantId: string, limit = maxPage): Promise<SubscriptionSummary[]> {
    const rows = await this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .select((select) =>
        select
          .selectFrom('notifications')
          .select((count) => count.fn.countAll<number>().as('count'))
          .whereRef('notifications.subscription_id', '=', 'subscriptions.id')
          .where('notifications.state', '=', 'queued')
          .as('queued'),
      )
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .limit(Math.min(limit, maxPage))
      .execute()
    return rows.map((row) => ({ ...this.#summary(row), queued: Number(row.queued ?? 0) }))
  }

  /** Deliveries, newest first; `before` is the cursor of the last one seen. */
  async deliveries(
    tenantId: string,
    options: { subscriptionId?: string; before?: string; limit?: number } = {},
  ): Promise<DeliverySummary[]> {
    const { subscriptionId, before, limit = maxPage } = options
    const rows = await this.#db
      .selectFrom('notifications')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .$if(subscriptionId !== undefined, (query) => query.where('subscription_id', '=', subscriptionId!))
      .$if(before !== undefined, (query) => query.where('seq', '<', before!))
      .orderBy('seq', 'desc')
      .limit(Math.min(limit, maxPage))
      .execute()
    return rows.map(deliverySummary)
  }

  #summary(row: Subscription): Omit<SubscriptionSummary, 'queued'> {
    const expired = row.expires_at <= this.#clock.now() ? row.expires_at : null
    return {
      id: row.id,
      appId: row.app_id,
      creatorId: row.creator_id,
      resource: row.resource,
      changeTypes: row.change_types.split(','),
      receiver: new URL(row.notification_url).host,
      includesData: row.include_data === 1,
      createdDateTime: formatInstant(row.created_at),
      expirationDateTime: formatInstant(row.expires_at),
      endedDateTime: date(row.removed_at ?? expired),
      failures: row.failures,
      nextAttemptDateTime: date(row.next_attempt_at),
    }
  }
}

function deliverySummary(row: Notification): DeliverySummary {
  return {
    id: row.id,
    cursor: row.seq,
    subscriptionId: row.subscription_id,
    type: row.type,
    event: row.event,
    resource: row.resource,
    state: row.state,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    lastDuration: row.last_duration,
    createdDateTime: formatInstant(row.created_at),
    attemptedDateTime: date(row.attempted_at),
    finishedDateTime: date(row.finished_at),
  }
}
