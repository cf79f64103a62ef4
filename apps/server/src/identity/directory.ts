import type { Clock } from '../common/clock.ts'
import type { Database } from '../store/database.ts'
import { Applications } from './applications.ts'
import { Credentials } from './credentials.ts'
import { Tenants } from './tenants.ts'
import { Users } from './users.ts'

export type { Application } from './applications.ts'
export type { Credential } from './credentials.ts'
export type { Tenant } from './tenants.ts'
export type { User } from './users.ts'

/** Tenants, their people, and their applications with what those prove themselves with: a store each. */
export class Directory {
  readonly tenants: Tenants
  readonly users: Users
  readonly applications: Applications
  readonly credentials: Credentials

  constructor(db: Database, clock: Clock) {
    this.tenants = new Tenants(db, clock)
    this.users = new Users(db, clock)
    this.applications = new Applications(db, clock)
    this.credentials = new Credentials(db, clock)
  }
}
