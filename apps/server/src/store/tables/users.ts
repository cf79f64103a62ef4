import type { Instant } from '../../common/instant.ts'

export interface UsersTable {
  id: string
  tenant_id: string
  upn: string
  /** The upn in lower case, unique in the whole server. */
  upn_key: string
  mail: string | null
  display_name: string
  /** scrypt; null for people who cannot sign in with a password. */
  password_hash: string | null
  enabled: number
  /** 1 for administrators of their tenant. */
  is_admin: number
  created_at: Instant
}
