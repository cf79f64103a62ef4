import type { CompiledQuery } from 'kysely'
import type { Database } from './database.ts'

/** A look-up by some values: the first row that has them. */
export type LookUp<Row> = (...parameters: readonly string[]) => Promise<Row | undefined>

/**
 * A look-up whose statement is built once: building costs several times what running an indexed look-up does. `build`
 * gets placeholders in the order the look-up's parameters will have.
 */
export function lookUp<Row>(db: Database, build: () => CompiledQuery): LookUp<Row> {
  let compiled: CompiledQuery | undefined
  return async (...parameters) => {
    compiled ??= build()
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters } as CompiledQuery<Row>)
    return rows[0]
  }
}
