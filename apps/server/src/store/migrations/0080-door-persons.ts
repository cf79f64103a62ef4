import type { Kysely } from 'kysely'

/** What the door remembers of a person and not of one admission: roles given by hand; what a token opened; whence people came. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('admissions').addColumn('grants', 'text').execute()
  await db.schema.alterTable('admissions').addColumn('sender', 'text').execute()
  await db.schema.createIndex('admissions_device').on('admissions').columns(['meeting_id', 'device']).execute()
  await db.schema.createIndex('admissions_phone').on('admissions').column('phone').where('phone', 'is not', null).execute()
  await db.schema
    .createTable('given_roles')
    .addColumn('meeting_id', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('given_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('given_roles_key', ['meeting_id', 'person'])
    .execute()
}
