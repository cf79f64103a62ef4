import type { Instant } from '../../common/instant.ts'

/** A named list of applications that may act for the users it is granted to. */
export interface AccessPoliciesTable {
  id: string
  tenant_id: string
  name: string
  /** JSON array of client ids. */
  app_ids: string
  created_at: Instant
}

/** Whom a policy holds for. */
export interface AccessPolicyGrantsTable {
  tenant_id: string
  /** '' stands for the whole tenant; a user's own grant replaces that one. */
  user_id: string
  policy_id: string
  granted_at: Instant
}

/** Refusals by access, counted, for the administrator. */
export interface AccessRefusalsTable {
  tenant_id: string
  app_id: string
  /** '' where the refusal is about no user in particular. */
  user_id: string
  operation: string
  reason: string
  count: number
  first_at: Instant
  last_at: Instant
}
