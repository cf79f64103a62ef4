import type { DialogState } from '../dialog/dialog.ts'
import type { Protocol } from '../transport/flow.ts'

/** A call as it is written down, so that a later process can tell the other side that this one is gone. */
export interface CallMemory {
  dialog: DialogState
  protocol: Protocol
  address: string
  port: number
}
