import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import { isGuid } from '../common/guid.ts'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import { type LookUp, lookUp } from '../store/look-up.ts'
import type { TenantsTable } from '../store/tables/tenants.ts'
import { DirectoryError } from './directory-error.ts'
import { checkedId, checkedName, inserted } from './directory-rules.ts'

/** A directory: its people, applications and meetings see nothing of another's. */
export interface Tenant {
  id: string
  domain: string
  displayName: string
  /** The GUID in the address of the tenant's dial-in page. */
  dialinId: string
  createdAt: Instant
}

const domainForm = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

function toTenant(row: Selectable<TenantsTable>): Tenant {
  return {
    id: row.id,
    domain: row.domain,
    displayName: row.display_name,
    dialinId: row.dialin_id,
    createdAt: row.created_at,
  }
}

/** The rules and the SQL of tenants. */
export class Tenants {
  readonly #db: Database
  readonly #clock: Clock
  readonly #byId: LookUp<Selectable<TenantsTable>>
  readonly #byDomain: LookUp<Selectable<TenantsTable>>

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    const tenants = db.selectFrom('tenants').selectAll()
    this.#byId = lookUp(db, () => tenants.where('id', '=', '').compile())
    this.#byDomain = lookUp(db, () => tenants.where('domain', '=', '').compile())
  }

  /** Whether there is any tenant. */
  async any(): Promise<boolean> {
    return (await this.#db.selectFrom('tenants').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  async list(): Promise<Tenant[]> {
    return (await this.#db.selectFrom('tenants').selectAll().orderBy('domain').execute()).map(toTenant)
  }

  /** A tenant by its GUID or its domain. */
  async find(idOrDomain: string): Promise<Tenant | undefined> {
    const key = idOrDomain.toLowerCase()
    const row = await (isGuid(key) ? this.#byId(key) : this.#byDomain(key))
    return row && toTenant(row)
  }

  async findByDialinId(dialinId: string): Promise<Tenant | undefined> {
    const query = this.#db.selectFrom('tenants').selectAll().where('dialin_id', '=', dialinId.toLowerCase())
    const row = await query.executeTakeFirst()
    return row && toTenant(row)
  }

  /** Throws DirectoryError when the id or the domain is malformed or taken. */
  async create(tenant: { id?: string; domain: string; displayName: string }): Promise<Tenant> {
    const domain = tenant.domain.toLowerCase()
    if (!domainForm.test(domain)) throw new DirectoryError('invalid', 'domain', `"${tenant.domain}" is not a domain name`)
    const row = await this.#db
      .insertInto('tenants')
      .values({
        id: checkedId(tenant.id),
        domain,
        display_name: checkedName(tenant.displayName),
        dialin_id: randomUUID(),
        created_at: this.#clock.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return toTenant(inserted(row, 'a tenant of this id or domain exists already'))
  }

  /** Delete a tenant with its people, applications and meetings. False when there is none. */
  async delete(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('tenants').where('id', '=', id.toLowerCase()).executeTakeFirst()
    return result.numDeletedRows > 0n
  }
}
