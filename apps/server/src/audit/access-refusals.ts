import type { Clock } from '../common/clock.ts'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'

export interface AccessRefusal {
  appId: string
  /** Null where it is about no user in particular. */
  userId: string | null
  /** Method and path pattern. */
  operation: string
  reason: string
  count: number
  firstAt: Instant
  lastAt: Instant
}

export interface NewRefusal {
  tenantId: string
  appId: string
  userId: string | undefined
  operation: string
  reason: string
}

type Waiting = NewRefusal & { count: number; firstAt: Instant; lastAt: Instant }

/** After one refusal the next ones wait this long, so that a client that tries again and again costs one write a second. */
const flushAfter = 1000

/** How many different refusals are kept of a tenant; who asks for nonsense must not fill the database. */
const kept = 1_000
/** And of one application, so that none pushes out those of the others. */
const keptOfOne = 100

/** Every refusal with its reason, by Graph, the token endpoint and the door: counted by application, user, operation and reason. */
export class AccessRefusals {
  readonly #db: Database
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  note(refusal: NewRefusal): void {
    const key = JSON.stringify([refusal.tenantId, refusal.appId, refusal.userId, refusal.operation, refusal.reason])
    const now = this.#clock.now()
    const known = this.#waiting.get(key)
    if (known === undefined) this.#waiting.set(key, { ...refusal, count: 1, firstAt: now, lastAt: now })
    else Object.assign(known, { count: known.count + 1, lastAt: now })
    // The first is written at once, those that follow closely together.
    if (this.#timer === undefined) {
      void this.#write().catch(() => undefined)
      this.#timer = setTimeout(() => void this.flush().catch(() => undefined), flushAfter).unref()
    }
  }

  /** The refusals of a tenant, newest first. */
  async list(tenantId: string, limit = 200): Promise<AccessRefusal[]> {
    await this.flush()
    const rows = await this.#db
      .selectFrom('access_refusals')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('last_at', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      appId: row.app_id,
      userId: row.user_id === '' ? null : row.user_id,
      operation: row.operation,
      reason: row.reason,
      count: row.count,
      firstAt: row.first_at,
      lastAt: row.last_at,
    }))
  }

  /** Forget the refusals of a tenant. */
  async clear(tenantId: string): Promise<void> {
    await this.flush()
    await this.#db.deleteFrom('access_refusals').where('tenant_id', '=', tenantId).execute()
  }

  /** Write what waits; at shutdown too. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#write()
  }

  /** One write after the other, so that who waits for a write has waited for those before it. */
  #write(): Promise<void> {
    const next = this.#writing.then(() => this.#writeAll())
    this.#writing = next.catch(() => undefined)
    return next
  }

  async #writeAll(): Promise<void> {
    const written: Waiting[] = []
    for (const [key, refusal] of [...this.#waiting]) {
      this.#waiting.delete(key)
      await this.#add(refusal).catch((error: unknown) => {
        this.#keep(key, refusal)
        throw error
      })
      written.push(refusal)
    }
    for (const [tenantId, each] of Map.groupBy(written, (one) => one.tenantId)) {
      for (const appId of new Set(each.map((one) => one.appId))) await this.#forgetOld(tenantId, keptOfOne, appId)
      await this.#forgetOld(tenantId, kept)
    }
  }

  /** Back among those that wait, with what came meanwhile: the next write takes it along. */
  #keep(key: string, refusal: Waiting): void {
    const since = this.#waiting.get(key)
    if (since !== undefined) Object.assign(since, { count: since.count + refusal.count, firstAt: refusal.firstAt })
    else if (this.#waiting.size < kept) this.#waiting.set(key, refusal)
  }

  async #add({ tenantId, appId, userId, operation, reason, count, firstAt, lastAt }: Waiting): Promise<void> {
    await this.#db
      .insertInto('access_refusals')
      .values({
        tenant_id: tenantId,
        app_id: appId,
        user_id: userId ?? '',
        operation,
        reason,
        count,
        first_at: firstAt,
        last_at: lastAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'app_id', 'user_id', 'operation', 'reason']).doUpdateSet((eb) => ({
          count: eb('access_refusals.count', '+', count),
          last_at: lastAt,
        })),
      )
      .execute()
  }

  async #forgetOld(tenantId: string, count: number, appId?: string): Promise<void> {
    const oldest = await this.#db
      .selectFrom('access_refusals')
      .select('last_at')
      .where('tenant_id', '=', tenantId)
      .$if(appId !== undefined, (query) => query.where('app_id', '=', appId!))
      .orderBy('last_at', 'desc')
      .offset(count)
      .limit(1)
      .executeTakeFirst()
    if (oldest === undefined) return
    await this.#db
      .deleteFrom('access_refusals')
      .where('tenant_id', '=', tenantId)
      .where('last_at', '<=', oldest.last_at)
      .$if(appId !== undefined, (query) => query.where('app_id', '=', appId!))
      .execute()
  }
}
