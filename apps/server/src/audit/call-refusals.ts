import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import type { Database } from '../store/database.ts'
import type { CallRefusalsTable } from '../store/tables/call-refusals.ts'

export type CallRefusal = Selectable<CallRefusalsTable>

/** How many are kept; scanners call every few seconds. */
const kept = 1_000

/** Why calls were refused, for administrators. */
export class CallRefusals {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  async add(refusal: Omit<CallRefusal, 'id' | 'at'>): Promise<void> {
    await this.#db
      .insertInto('call_refusals')
      .values({ ...refusal, id: randomUUID(), at: this.#clock.now() })
      .execute()
    const oldest = await this.#db
      .selectFrom('call_refusals')
      .select('at')
      .orderBy('at', 'desc')
      .offset(kept)
      .limit(1)
      .executeTakeFirst()
    if (oldest !== undefined) await this.#db.deleteFrom('call_refusals').where('at', '<=', oldest.at).execute()
  }

  /** The newest first. */
  async list(limit = 100): Promise<CallRefusal[]> {
    return this.#db.selectFrom('call_refusals').selectAll().orderBy('at', 'desc').limit(limit).execute()
  }
}
