import type { Instant } from '../../common/instant.ts'

/** Creations that carried an Idempotency-Key. */
export interface IdempotencyKeysTable {
  app_id: string
  user_id: string
  key: string
  /** SHA-256 of the body, hexadecimal. */
  body_hash: string
  /** Null while the first request is under way. */
  meeting_id: string | null
  created_at: Instant
}
