import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import { type LookUp, lookUp } from '../store/look-up.ts'
import type { ApplicationsTable } from '../store/tables/applications.ts'
import { DirectoryError } from './directory-error.ts'
import { checkedId, checkedName, inserted } from './directory-rules.ts'
import { applicationPermissions } from './permissions.ts'
import { checkedRedirectUris } from './redirect-uris.ts'

/** A program registered in a tenant. */
export interface Application {
  /** The application's object id. */
  id: string
  /** The application (client) id. */
  clientId: string
  /** The object id of its service principal: `oid` and `sub` of its tokens. */
  servicePrincipalId: string
  tenantId: string
  displayName: string
  /** Granted application permissions. */
  roles: readonly string[]
  enabled: boolean
  /** Where people may be sent back to after signing in. */
  redirectUris: readonly string[]
  /** Can keep no secret: on devices, in browsers. */
  isPublic: boolean
  createdAt: Instant
}

export interface NewApplication {
  id?: string
  clientId?: string
  tenantId: string
  displayName: string
  roles: readonly string[]
  redirectUris?: readonly string[]
  isPublic?: boolean
}

function toApplication(row: Selectable<ApplicationsTable>): Application {
  return {
    id: row.id,
    clientId: row.client_id,
    servicePrincipalId: row.service_principal_id,
    tenantId: row.tenant_id,
    displayName: row.display_name,
    roles: JSON.parse(row.roles) as string[],
    enabled: row.enabled === 1,
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    isPublic: row.is_public === 1,
    createdAt: row.created_at,
  }
}

/** The rules and the SQL of applications. */
export class Applications {
  readonly #db: Database
  readonly #clock: Clock
  readonly #byClientId: LookUp<Selectable<ApplicationsTable>>

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    const applications = db.selectFrom('applications').selectAll()
    this.#byClientId = lookUp(db, () => applications.where('client_id', '=', '').compile())
  }

  async list(tenantId: string): Promise<Application[]> {
    const query = this.#db.selectFrom('applications').selectAll().where('tenant_id', '=', tenantId).orderBy('display_name')
    return (await query.execute()).map(toApplication)
  }

  async findByClientId(clientId: string): Promise<Application | undefined> {
    const row = await this.#byClientId(clientId.toLowerCase())
    return row && toApplication(row)
  }

  /** An application by object id or client id. */
  async find(id: string): Promise<Application | undefined> {
    const key = id.toLowerCase()
    const row = await this.#db
      .selectFrom('applications')
      .selectAll()
      .where((where) => where.or([where('id', '=', key), where('client_id', '=', key)]))
      .executeTakeFirst()
    return row && toApplication(row)
  }

  /** Throws DirectoryError for a role that does not exist, or an id that is malformed or taken. */
  async create(app: NewApplication): Promise<Application> {
    const row = await this.#db
      .insertInto('applications')
      .values({
        id: checkedId(app.id),
        client_id: checkedId(app.clientId),
        service_principal_id: randomUUID(),
        tenant_id: app.tenantId,
        display_name: checkedName(app.displayName),
        roles: JSON.stringify(checkedRoles(app.roles)),
        enabled: 1,
        redirect_uris: JSON.stringify(checkedRedirectUris(app.redirectUris ?? [])),
        is_public: app.isPublic === true ? 1 : 0,
        created_at: this.#clock.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return toApplication(inserted(row, 'an application of this id exists already'))
  }

  async delete(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('applications').where('id', '=', id.toLowerCase()).executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** Where people may be sent back to after signing in, replacing what was there. Throws DirectoryError for one that is unsafe. */
  async setRedirectUris(id: string, redirectUris: readonly string[]): Promise<void> {
    await this.#set(id, { redirect_uris: JSON.stringify(checkedRedirectUris(redirectUris)) })
  }

  /** Whether an application can keep no secret (public), or must prove itself with one. */
  async setPublic(id: string, isPublic: boolean): Promise<void> {
    await this.#set(id, { is_public: isPublic ? 1 : 0 })
  }

  async setEnabled(id: string, enabled: boolean): Promise<void> {
    await this.#set(id, { enabled: enabled ? 1 : 0 })
  }

  /** Replace the roles granted to an application. Throws DirectoryError for one that does not exist. */
  async grant(id: string, roles: readonly string[]): Promise<void> {
    await this.#set(id, { roles: JSON.stringify(checkedRoles(roles)) })
  }

  async #set(id: string, change: Partial<Selectable<ApplicationsTable>>): Promise<void> {
    await this.#db.updateTable('applications').set(change).where('id', '=', id).execute()
  }
}

function checkedRoles(roles: readonly string[]): string[] {
  const known = new Set<string>(applicationPermissions)
  const unknown = roles.find((role) => !known.has(role))
  if (unknown !== undefined)
    throw new DirectoryError(
      'invalid',
      'roles',
      `"${unknown}" is not a permission Parley knows (${applicationPermissions.join(', ')})`,
    )
  return [...new Set(roles)]
}
