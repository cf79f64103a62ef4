import type { Audit } from '../audit/audit.ts'
import type { CallRefusals } from '../audit/call-refusals.ts'
import type { AccessPolicies } from '../identity/access-policies.ts'
import type { FederatedSignIn } from '../identity/federated-sign-in.ts'
import type { IdentityContext } from '../identity/identity-context.ts'
import type { Consents } from '../identity/oidc/consents.ts'
import type { PasswordSignIn } from '../identity/password-sign-in.ts'
import type { AttendanceSource } from '../meetings/attendance-source.ts'
import type { MeetingManager } from '../meetings/meeting-manager.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Organizers } from '../meetings/organizers.ts'
import type { AdmissionStore } from '../rooms/admission/admission-store.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Database } from '../store/database.ts'
import type { Subscriptions } from '../subscriptions/subscriptions.ts'

/** What the pages of organizers and administrators need of the server; with those of sign-in, which they show. */
export interface ConsoleContext extends IdentityContext {
  db: Database
  passwords: PasswordSignIn
  consents: Consents
  federatedSignIn: FederatedSignIn
  audit: Audit
  accessPolicies: AccessPolicies
  callRefusals: CallRefusals
  meetings: MeetingManager
  meetingStore: MeetingStore
  organizers: Organizers
  rooms: Rooms
  admissionStore: AdmissionStore
  attendance: AttendanceSource
  subscriptions: Subscriptions
}
