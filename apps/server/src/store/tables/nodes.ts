import type { Instant } from '../../common/instant.ts'

/** Server processes that work on this database. */
export interface NodesTable {
  /** New at every start. */
  id: string
  started_at: Instant
  /** Last sign of life. */
  seen_at: Instant
}
