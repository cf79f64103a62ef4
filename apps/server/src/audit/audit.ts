import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import { addMillis } from '../common/instant.ts'
import { RateLimit } from '../common/rate-limit.ts'
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
  /** Rows about wrong passwords of one person: twenty, then six an hour, whoever tries how often. */
  readonly #wrongPasswords: RateLimit
  readonly #notWritten = new Map<string, number>()

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    this.#wrongPasswords = new RateLimit({ burst: 20, perSecond: 1 / 600, millis: () => clock.millis() })
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

  /** Note a wrong password. Of many, some are only counted, and the next row says how many (`notWritten`). */
  async recordWrongPassword(user: { id: string; upn: string; tenantId: string }, address: string): Promise<void> {
    const notWritten = this.#notWritten.get(user.id) ?? 0
    if (this.#wrongPasswords.take(user.id) > 0) {
      this.#notWritten.set(user.id, notWritten + 1)
      return
    }
    this.#notWritten.delete(user.id)
    const actor = { id: user.id, name: user.upn, tenantId: user.tenantId, address }
    await this.record(actor, 'signIn.wrongPassword', { id: user.id, name: user.upn }, notWritten === 0 ? {} : { notWritten })
  }

  /** Delete what is older than a number of days. Returns how many rows went. */
  async forget(days: number): Promise<number> {
    const result = await this.#db
      .deleteFrom('audit')
      .where('at', '<', addMillis(this.#clock.now(), -days * 86_400_000))
      .executeTakeFirst()
    return Number(result.numDeletedRows)
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
