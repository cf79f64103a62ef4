import { randomUUID } from 'node:crypto'
import type { Clock } from '../common/clock.ts'
import { addMillis } from '../common/instant.ts'
import type { Database } from './database.ts'

const beatMs = 10_000
/** A process of which nothing was heard for so long is taken for dead. */
const staleMs = 60_000

/**
 * The server processes that work on this database. Rows that mean "a process sees to this" name it; what those name that
 * are no nodes any more is anybody's to take over.
 */
export class Nodes {
  /** This process, anew at every start. */
  readonly id = randomUUID()
  readonly #db: Database
  readonly #clock: Clock
  #timer: NodeJS.Timeout | undefined

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Become a node. `alone` says that no other can be alive, as whoever holds the lock on a data folder knows: nobody
   * needs to wait then until those that were are stale.
   */
  async start(options: { alone: boolean; onError(error: unknown): void }): Promise<void> {
    await this.beat()
    if (options.alone) await this.#db.deleteFrom('nodes').where('id', '<>', this.id).execute()
    this.#timer = setInterval(() => {
      this.beat().catch(options.onError)
    }, beatMs).unref()
  }

  /** Say that this process lives, and strike off those that have not said so for long. */
  async beat(): Promise<void> {
    const now = this.#clock.now()
    await this.#db
      .insertInto('nodes')
      .values({ id: this.id, started_at: now, seen_at: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
      .execute()
    await this.#db.deleteFrom('nodes').where('seen_at', '<=', addMillis(now, -staleMs)).execute()
  }

  /** Leave in good order. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#db.deleteFrom('nodes').where('id', '=', this.id).execute()
  }
}
