import type { Instant } from '../../common/instant.ts'
import { type Meeting, type MeetingState, stateOf } from '../../meetings/meeting.ts'
import { toMeeting } from '../../meetings/meeting-store.ts'
import type { Database } from '../../store/database.ts'

export type ShownState = MeetingState | 'ended'

/** What the pages say of a meeting; past its end a meeting is over, though its link still opens. */
export function shownState(meeting: Meeting, now: Instant): ShownState {
  const state = stateOf(meeting, now)
  return state === 'open' && meeting.endAt !== null && meeting.endAt <= now ? 'ended' : state
}

/** An organizer's meetings, newest first; `before` is the creation of the last one seen. */
export async function listMine(
  db: Database,
  user: { id: string; tenantId: string },
  options: { limit: number; before?: Instant | undefined },
): Promise<Meeting[]> {
  const rows = await db
    .selectFrom('meetings')
    .selectAll()
    .where('organizer_id', '=', user.id)
    .where('tenant_id', '=', user.tenantId)
    .$if(options.before !== undefined, (query) => query.where('created_at', '<', options.before!))
    .orderBy('created_at', 'desc')
    .limit(options.limit)
    .execute()
  return rows.map(toMeeting)
}
