import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import type { Database } from '../store/database.ts'
import type { AuditTable } from '../store/tables/audit.ts'

export type AuditEntry = Selectable<AuditTable>

/** Who acts, and from where. */
export interface Actor {
  id: string | null
  name: string
  tenantId: string
  address: string
}

/** The log of changes: added to, read by the tenant's administrators, never edited. */
export class Audit {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Note a change. `detail` must hold no secret. */
  async record(
    actor: Actor,
    action: string,
    target: { id: string; name: string },
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    await this.#db
      .insertInto('audit')
      .values({
        id: randomUUID(),
        at: this.#clock.now(),
        tenant_id: actor.tenantId,
        actor_id: actor.id,
        actor_name: actor.name,
        address: actor.address,
        action,
        target_id: target.id,
        target_name: target.name.slice(0, 300),
        detail: JSON.stringify(detail),
      })
      .execute()
  }

  /** The newest entries of a tenant, older than `before` when given. */
  async list(tenantId: string, options: { limit: number; before?: string | undefined }): Promise<AuditEntry[]> {
    return this.#db
      .selectFrom('audit')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .$if(options.before !== undefined, (query) => query.where('at', '<', options.before as AuditEntry['at']))
      .orderBy('at', 'desc')
      .orderBy('id')
      .limit(options.limit)
      .execute()
  }
}
