import type { Instant } from '../../common/instant.ts'

/** Somebody signed in with a browser. Deleting the row signs them out. */
export interface SessionsTable {
  /** SHA-256 (base64url) of the random value in the cookie. */
  id_hash: string
  user_id: string
  tenant_id: string
  created_at: Instant
  expires_at: Instant
  /** Where from, for the person's own list. */
  address: string
  user_agent: string
}
