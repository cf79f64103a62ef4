import type { Selectable } from 'kysely'
import type { NotificationsTable, SubscriptionsTable } from '../store/tables/subscriptions.ts'

export const changeTypes = ['created', 'updated', 'deleted'] as const
export type ChangeType = (typeof changeTypes)[number]
export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed'

/** A subscription as it is stored; the store's rows are the domain's shape here. */
export type Subscription = Selectable<SubscriptionsTable>
export type Notification = Selectable<NotificationsTable>

/** Something that is to be told to one subscription. */
export type Notice =
  | {
      type: 'change'
      event: ChangeType
      resource: string
      resourceData: Record<string, unknown>
      /** What is sent encrypted, to subscriptions that include resource data. */
      content: Record<string, unknown> | null
    }
  | { type: 'lifecycle'; event: LifecycleEvent }

/** The longest a subscription lasts without renewal, in minutes (contract B.17). */
export const maxMinutes = 4_320
/** Beyond this many minutes a lifecycleNotificationUrl is required. */
export const lifecycleMinutes = 60
