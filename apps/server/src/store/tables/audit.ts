import type { Instant } from '../../common/instant.ts'

/** Who changed what, when and from where. Rows are only ever added. */
export interface AuditTable {
  id: string
  at: Instant
  tenant_id: string
  /** Null when the server or its command line did it. */
  actor_id: string | null
  actor_name: string
  address: string
  /** e.g. `user.create`. */
  action: string
  target_id: string
  target_name: string
  /** JSON object; holds no secret. */
  detail: string
}
