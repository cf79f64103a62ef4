import type { Instant } from '../../common/instant.ts'

/** What oidc-provider keeps: codes, refresh tokens, grants, interactions, its own sessions. */
export interface OidcPayloadsTable {
  /** SHA-256 (base64url) of the model's name and the value that opens it, so that reading the table opens nothing. */
  key: string
  model: string
  /** JSON, without the value itself where it is a bearer's. */
  payload: string
  grant_id: string | null
  user_code: string | null
  uid: string | null
  /** Whose it is, once somebody has signed in. */
  account_id: string | null
  /** Who caused it (an address, or the /64 of one), where nobody needs to have signed in for it. */
  sender: string | null
  consumed_at: number | null
  expires_at: Instant | null
}

/** What a person has allowed an application, once. */
export interface ConsentsTable {
  user_id: string
  client_id: string
  /** The grant at oidc-provider that says what. */
  grant_id: string
  /** JSON array, for the pages. */
  scopes: string
  updated_at: Instant
}
