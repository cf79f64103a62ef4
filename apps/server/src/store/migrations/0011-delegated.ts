import type { Kysely } from 'kysely'

/** Delegated tokens: where applications may send people back to, what was allowed, and what oidc-provider keeps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('applications')
    .addColumn('redirect_uris', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute()
  await db.schema
    .alterTable('applications')
    .addColumn('is_public', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('oidc_payloads')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('grant_id', 'text')
    .addColumn('user_code', 'text')
    .addColumn('uid', 'text')
    .addColumn('consumed_at', 'integer')
    .addColumn('expires_at', 'text')
    .execute()
  await db.schema.createIndex('oidc_payloads_grant').on('oidc_payloads').column('grant_id').execute()
  await db.schema.createIndex('oidc_payloads_user_code').on('oidc_payloads').column('user_code').execute()
  await db.schema.createIndex('oidc_payloads_uid').on('oidc_payloads').column('uid').execute()
  await db.schema.createIndex('oidc_payloads_expiry').on('oidc_payloads').column('expires_at').execute()
  await db.schema
    .createTable('consents')
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('grant_id', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('consents_key', ['user_id', 'client_id'])
    .execute()
}
