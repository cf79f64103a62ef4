import { type Kysely, sql } from 'kysely'

/** Application access policies, refusals, idempotency keys, and what finds people and meetings. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_policies')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant_id', 'text', (column) => column.notNull().references('tenants.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('app_ids', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('access_policies_name', ['tenant_id', 'name'])
    .execute()
  await db.schema
    .createTable('access_policy_grants')
    .addColumn('tenant_id', 'text', (column) => column.notNull().references('tenants.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('policy_id', 'text', (column) => column.notNull().references('access_policies.id').onDelete('cascade'))
    .addColumn('granted_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('access_policy_grants_key', ['tenant_id', 'user_id'])
    .execute()
  await db.schema
    .createTable('access_refusals')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('first_at', 'text', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('access_refusals_key', ['tenant_id', 'app_id', 'user_id', 'operation', 'reason'])
    .execute()
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('meeting_id', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_key', ['app_id', 'user_id', 'key'])
    .execute()
  await db.schema.createIndex('idempotency_keys_age').on('idempotency_keys').column('created_at').execute()
  await sql`create index users_mail on users (tenant_id, lower(mail))`.execute(db)
  await db.schema.createIndex('meetings_organizer_start').on('meetings').columns(['organizer_id', 'start_at', 'id']).execute()
}
