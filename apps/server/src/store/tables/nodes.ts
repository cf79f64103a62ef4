import type { Instant } from '../../time/instant.ts'

/** Server processes that work on this database. */
export interface NodesTable {
  /** New at every start. */
  id: string
  started_at: Instant
  /** Last sign of life. */
  seen_at: Instant
}
