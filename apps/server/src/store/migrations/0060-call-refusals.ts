import type { Kysely } from 'kysely'

/** Refused telephone calls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('call_refusals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('protocol', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('dialled', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('call_refusals_at').on('call_refusals').column('at').execute()
}
