import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SqlError, SqlValue, Statement, StatementResult } from './messages.ts'

const cachedStatements = 500

const readerSettings = ['query_only = 1', 'foreign_keys = 1', 'cache_size = -65536']
/**
 * Each insert into a big table touches random pages of its unique indexes: a cache that holds them (KiB, taken only as
 * they are used), and a log long enough that a page changed many times is moved to the database once (in pages of 4 KiB).
 */
const writerSettings = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = 1',
  'cache_size = -524288',
  'wal_autocheckpoint = 16384',
]

/** One SQLite connection that keeps its prepared statements. Synchronous. */
export class Connection {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(path: string, options: { readOnly: boolean }) {
    this.database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: 10_000 })
    for (const setting of options.readOnly ? readerSettings : writerSettings) this.database.exec(`PRAGMA ${setting}`)
  }

  run({ sql, parameters }: Statement): StatementResult {
    const { statement, returnsRows } = this.#prepare(sql)
    if (returnsRows) return { rows: statement.all(...parameters) as Record<string, SqlValue>[], changes: 0 }
    return { rows: [], changes: Number(statement.run(...parameters).changes) }
  }

  exec(sql: string): void {
    this.database.exec(sql)
  }

  close(): void {
    this.database.close()
  }

  #prepare(sql: string) {
    let prepared = this.#statements.get(sql)
    if (prepared === undefined) {
      const statement = this.database.prepare(sql)
      prepared = { statement, returnsRows: statement.columns().length > 0 }
      if (this.#statements.size >= cachedStatements) this.#statements.delete(this.#statements.keys().next().value!)
      this.#statements.set(sql, prepared)
    }
    return prepared
  }
}

/** The part of a node:sqlite error that can cross a thread. */
export function toSqlError(error: unknown): SqlError {
  const { message, errcode } = error as { message?: string; errcode?: number }
  return { message: message ?? String(error), code: errcode ?? 1 }
}
