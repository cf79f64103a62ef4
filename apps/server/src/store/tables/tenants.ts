import type { Instant } from '../../common/instant.ts'

/** A directory: its people, applications and meetings see nothing of another's. */
export interface TenantsTable {
  id: string
  domain: string
  display_name: string
  /** The GUID in the address of the tenant's dial-in page. */
  dialin_id: string
  created_at: Instant
}
