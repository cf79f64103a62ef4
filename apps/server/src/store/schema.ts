import type { AccessPoliciesTable, AccessPolicyGrantsTable, AccessRefusalsTable } from './tables/access-policies.ts'
import type { AdmissionsTable, ExclusionsTable, GivenRolesTable, RoomStatesTable } from './tables/admissions.ts'
import type { ApplicationsTable, CredentialsTable } from './tables/applications.ts'
import type { AttendanceIntervalsTable, AttendanceSessionsTable } from './tables/attendance.ts'
import type { AuditTable } from './tables/audit.ts'
import type { CallRefusalsTable } from './tables/call-refusals.ts'
import type { ChatFilesTable, ChatHistoryTable, ChatMessagesTable, ChatReactionsTable } from './tables/chat.ts'
import type { IdempotencyKeysTable } from './tables/idempotency-keys.ts'
import type { MeetingEventsTable } from './tables/meeting-events.ts'
import type { MeetingsTable } from './tables/meetings.ts'
import type { NodesTable } from './tables/nodes.ts'
import type { ConsentsTable, OidcPayloadsTable } from './tables/oidc.ts'
import type { SessionsTable } from './tables/sessions.ts'
import type { NotificationsTable, SubscriptionsTable } from './tables/subscriptions.ts'
import type { TenantsTable } from './tables/tenants.ts'
import type { UsersTable } from './tables/users.ts'

/** Every table. One file a table; only types that SQLite and PostgreSQL share (text, integer). */
export interface Schema {
  tenants: TenantsTable
  users: UsersTable
  applications: ApplicationsTable
  credentials: CredentialsTable
  meetings: MeetingsTable
  access_policies: AccessPoliciesTable
  access_policy_grants: AccessPolicyGrantsTable
  access_refusals: AccessRefusalsTable
  meeting_events: MeetingEventsTable
  idempotency_keys: IdempotencyKeysTable
  nodes: NodesTable
  sessions: SessionsTable
  admissions: AdmissionsTable
  exclusions: ExclusionsTable
  given_roles: GivenRolesTable
  room_states: RoomStatesTable
  attendance_sessions: AttendanceSessionsTable
  attendance_intervals: AttendanceIntervalsTable
  oidc_payloads: OidcPayloadsTable
  consents: ConsentsTable
  audit: AuditTable
  call_refusals: CallRefusalsTable
  chat_messages: ChatMessagesTable
  chat_reactions: ChatReactionsTable
  chat_history: ChatHistoryTable
  chat_files: ChatFilesTable
  subscriptions: SubscriptionsTable
  notifications: NotificationsTable
}
