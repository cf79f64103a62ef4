import type { Instant } from '../../common/instant.ts'

/** A telephone call that was not taken, and why. */
export interface CallRefusalsTable {
  id: string
  at: Instant
  /** Stable code of packages/sip. */
  code: string
  reason: string
  /** SIP status. */
  status: number
  source: string
  protocol: string
  caller: string
  dialled: string
}
