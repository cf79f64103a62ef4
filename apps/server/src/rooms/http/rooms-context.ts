import type { AccessRefusals } from '../../audit/access-refusals.ts'
import type { Clock } from '../../common/clock.ts'
import type { Config } from '../../config/config.ts'
import type { Metrics } from '../../http/metrics.ts'
import type { AccessPolicies } from '../../identity/access-policies.ts'
import type { AccessTokens } from '../../identity/access-tokens.ts'
import type { Directory } from '../../identity/directory.ts'
import type { Sessions } from '../../identity/session.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import type { Rooms } from '../rooms.ts'

/** What the routes of the door and the rooms need of the server. */
export interface RoomsContext {
  config: Config
  clock: Clock
  rooms: Rooms
  meetingStore: MeetingStore
  directory: Directory
  sessions: Sessions
  accessTokens: AccessTokens
  accessPolicies: AccessPolicies
  accessRefusals: AccessRefusals
  metrics: Metrics
}
