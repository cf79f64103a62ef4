import type { ApplicationsTable, CredentialsTable } from './tables/applications.ts'
import type { MeetingsTable } from './tables/meetings.ts'
import type { SessionsTable } from './tables/sessions.ts'
import type { TenantsTable } from './tables/tenants.ts'
import type { UsersTable } from './tables/users.ts'

/** Every table. One file a table; only types that SQLite and PostgreSQL share (text, integer). */
export interface Schema {
  tenants: TenantsTable
  users: UsersTable
  applications: ApplicationsTable
  credentials: CredentialsTable
  meetings: MeetingsTable
  sessions: SessionsTable
}
