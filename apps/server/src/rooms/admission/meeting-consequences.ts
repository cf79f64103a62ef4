import type { Consequences } from '../../meetings/meeting-manager.ts'
import type { Database } from '../../store/database.ts'
import { closedReason } from './admission-draft.ts'
import { closing, lockStep, releaseGuests } from './admission-units.ts'

/**
 * What a change of a meeting changes at its door, in the same unit: whoever waits or is in goes with a meeting that is
 * deleted or closed, and a new access level says anew whether the room is locked.
 */
export function meetingConsequences(db: Database): Consequences {
  return ({ before, after, at }) => {
    if (after === null) return [closing(db, before.id, 'deleted', at)]
    const closed = closedReason(after, at)
    return [
      ...(closed === undefined ? [] : [closing(db, after.id, closed, at)]),
      ...(after.accessLevel === before.accessLevel
        ? []
        : [{ query: lockStep(db, after.id, null) }, { query: releaseGuests(db, after.id) }]),
    ]
  }
}
