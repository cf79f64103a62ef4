import type { CompiledQuery } from 'kysely'

/** One statement of a unit of work. */
export interface Step {
  query: CompiledQuery
  /** Must change or find a row; when it does not, nothing of the unit is stored. */
  must?: boolean
}

export interface StepResult {
  rows: Record<string, unknown>[]
  /** Rows changed by a statement that returns none. */
  changes: number
}

/** What a database can do beside single statements. */
export interface Units {
  /**
   * Run steps as one transaction that decides nothing on the way: what it depends on is said by conditions and by steps
   * that must have an effect. Resolves when it is on disk; undefined when such a step had none, and nothing is stored.
   * `about` names the unit to whoever listens on the diagnostics channel `parley:commit`.
   */
  unit(steps: readonly Step[], about?: readonly string[]): Promise<StepResult[] | undefined>
  /** A number that is another one after anybody's commit, in whatever process; null where the database cannot tell. */
  dataVersion(): Promise<number | null>
}
