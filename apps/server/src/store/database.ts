import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite/dialect.ts'
import type { Units } from './unit.ts'

export type Database = Kysely<Schema> & Units

/** The database was written by a newer Parley. */
export class NewerSchemaError extends Error {
  constructor(migration: string) {
    super(`the data folder was written by a newer Parley (it has the migration ${migration}); start that version, or a newer one`)
    this.name = 'NewerSchemaError'
  }
}

/** Open the SQLite database at a path and bring its schema up to date. Throws NewerSchemaError. */
export async function openDatabase(options: { path: string; commitDelayMs?: number }): Promise<Database> {
  const dialect = sqliteDialect(options)
  const kysely = new Kysely<Schema>({ dialect })
  const db = Object.assign(kysely, { unit: dialect.unit, dataVersion: dialect.dataVersion })
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

/** Run the migrations that are missing, in order. Throws NewerSchemaError when the database has one we do not know. */
async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (tables.some((table) => table.name === 'kysely_migration')) {
    const done = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
      .selectFrom('kysely_migration')
      .select('name')
      .execute()
    const unknown = done.find(({ name }) => !(name in migrations))
    if (unknown !== undefined) throw new NewerSchemaError(unknown.name)
  }
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
