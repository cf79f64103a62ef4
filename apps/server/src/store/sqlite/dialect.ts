import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Step, StepResult, Units } from '../unit.ts'
import { Connection } from './connection.ts'
import type { SqlValue, Statement } from './messages.ts'
import { type InteractiveTransaction, Writer } from './writer.ts'

/**
 * A Kysely dialect for node:sqlite: reads run at once on this thread's read-only connection (WAL: a reader never
 * waits for a writer), writes and transactions go to the writer's thread, where they share commits.
 */
export function sqliteDialect(options: { path: string; commitDelayMs?: number }): SqliteDialect {
  const driver = new SqliteDriver(options.path, options.commitDelayMs ?? 0)
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    unit: (steps, about) => driver.unit(steps, about),
    dataVersion: async () => driver.dataVersion(),
  }
}

/** What Kysely has no words for. Usable once a first query has opened the database. */
export interface SqliteDialect extends Dialect, Units {}

class Adapter extends SqliteAdapter {
  /** Kysely lets SQLite have one connection at a time otherwise, and then no two writes could share a commit. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #path: string
  readonly #commitDelayMs: number
  #writer: Writer | undefined
  #reader: Connection | undefined

  constructor(path: string, commitDelayMs: number) {
    this.#path = path
    this.#commitDelayMs = commitDelayMs
  }

  async init(): Promise<void> {
    this.#writer = new Writer({ path: this.#path, commitDelayMs: this.#commitDelayMs })
    // The file must exist in WAL mode before a read-only connection can open it.
    await this.#writer.unit([])
    this.#reader = new Connection(this.#path, { readOnly: true })
  }

  async unit(steps: readonly Step[], about?: readonly string[]): Promise<StepResult[] | undefined> {
    const statements = steps.map(({ query, must }) => ({
      sql: query.sql,
      parameters: query.parameters as SqlValue[],
      ...(must === true ? { must } : {}),
    }))
    return this.#writer!.unit(statements, about)
  }

  /** Rises with every commit of any other connection, that of this process's own writer too. */
  dataVersion(): number {
    return Number(this.#reader!.run({ sql: 'PRAGMA data_version', parameters: [] }).rows[0]!.data_version)
  }

  async acquireConnection(): Promise<SqliteConnection> {
    return new SqliteConnection(this.#writer!, this.#reader!)
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    connection.transaction = await this.#writer!.begin()
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    const { transaction } = connection
    connection.transaction = undefined
    await transaction?.commit()
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    const { transaction } = connection
    connection.transaction = undefined
    await transaction?.rollback()
  }

  async destroy(): Promise<void> {
    await this.#writer?.close()
    this.#reader?.close()
  }
}

class SqliteConnection implements DatabaseConnection {
  transaction: InteractiveTransaction | undefined
  readonly #writer: Writer
  readonly #reader: Connection

  constructor(writer: Writer, reader: Connection) {
    this.#writer = writer
    this.#reader = reader
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement: Statement = { sql: query.sql, parameters: query.parameters as SqlValue[] }
    if (this.transaction !== undefined) return toResult(await this.transaction.run(statement))
    if (query.query.kind === 'SelectQueryNode') return toResult(this.#reader.run(statement))
    const results = await this.#writer.unit([statement])
    return toResult(results![0]!)
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query)
  }
}

function toResult<R>(result: { rows: unknown[]; changes: number }): QueryResult<R> {
  return { rows: result.rows as R[], numAffectedRows: BigInt(result.changes) }
}
