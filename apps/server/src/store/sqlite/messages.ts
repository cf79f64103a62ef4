/** A value SQLite can bind. */
export type SqlValue = string | number | bigint | null | Uint8Array

export interface Statement {
  sql: string
  parameters: readonly SqlValue[]
}

export interface StatementResult {
  rows: Record<string, SqlValue>[]
  changes: number
}

/** A statement of a unit. One that must have an effect (change or find a row) and has none undoes the whole unit. */
export interface UnitStatement extends Statement {
  must?: boolean
}

/** What the writer thread is asked: whole units of work, or an interactive transaction step by step. */
export type WriterRequest =
  /** `about` names what a unit is for, to whoever listens on the diagnostics channel `parley:commit`. */
  | { kind: 'unit'; id: number; statements: readonly UnitStatement[]; about?: readonly string[] }
  | { kind: 'begin'; id: number }
  | { kind: 'step'; id: number; step: number; statement: Statement }
  | { kind: 'commit'; id: number }
  | { kind: 'rollback'; id: number }
  | { kind: 'close' }

export interface SqlError {
  message: string
  /** SQLite's extended result code, e.g. 2067 SQLITE_CONSTRAINT_UNIQUE. */
  code: number
}

export type WriterReply =
  | { kind: 'done'; id: number; results: StatementResult[] }
  | { kind: 'failed'; id: number; error: SqlError }
  /** A statement that had to have an effect had none; nothing of the unit is stored. */
  | { kind: 'refused'; id: number }
  | { kind: 'step'; id: number; step: number; result: StatementResult }
  | { kind: 'step-failed'; id: number; step: number; error: SqlError }
  | { kind: 'closed' }

export interface WriterOptions {
  path: string
  /** Added before every commit, in milliseconds: lets a test play a slow disk. */
  commitDelayMs: number
}
