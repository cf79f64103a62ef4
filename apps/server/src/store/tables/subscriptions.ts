import type { Instant } from '../../common/instant.ts'

export interface SubscriptionsTable {
  id: string
  tenant_id: string
  /** The client id of the application. */
  app_id: string
  /** The person of a delegated token, or the service principal. */
  creator_id: string
  creator_kind: 'app' | 'user'
  /** 1 for applications of an outside issuer, which are not in the directory. */
  external: number
  /** As the client wrote it. */
  resource: string
  kind: string
  meeting_id: string | null
  user_id: string | null
  /** Comma-separated. */
  change_types: string
  notification_url: string
  lifecycle_url: string | null
  client_state: string | null
  include_data: number
  /** base64 of the DER. */
  certificate: string | null
  certificate_id: string | null
  tls_version: string
  created_at: Instant
  /** When the present term began: made or renewed. */
  renewed_at: Instant
  expires_at: Instant
  /** The expiry that the client was reminded of. */
  reminded_for: Instant | null
  /** Gone for its owner; kept a while for the log. */
  removed_at: Instant | null
  /** What there may be only one of, while it lasts. */
  limit_key: string | null
  /** When its queue is to be looked at; null while that is empty. */
  next_attempt_at: Instant | null
  /** Attempts that failed since the last that did not. */
  failures: number
  claimed_by: string | null
  claimed_until: Instant | null
}

export interface NotificationsTable {
  id: string
  /** When it was queued, for the log: rising in one process, by the clock over several. */
  seq: string
  subscription_id: string
  /** The event of the meeting it was made of; null for lifecycle notices. One notice of an event for each subscription. */
  event_seq: number | null
  /** Place in the subscription's queue. */
  position: number
  tenant_id: string
  type: 'change' | 'lifecycle'
  /** changeType, or lifecycleEvent. */
  event: string
  resource: string
  /** JSON of resourceData. */
  resource_data: string
  /** JSON of what is sent encrypted; gone once delivered. */
  content: string | null
  state: 'queued' | 'delivered' | 'dropped'
  attempts: number
  last_status: number | null
  last_error: string | null
  /** Milliseconds the receiver took. */
  last_duration: number | null
  created_at: Instant
  attempted_at: Instant | null
  finished_at: Instant | null
}
