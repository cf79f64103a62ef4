import type { Kysely } from 'kysely'

interface Payloads {
  oidc_payloads: { key: string; payload: string; account_id: string | null }
}

/** Whose a code, token or session is, so that a new password ends it; and which sender caused a row nobody has signed in for yet. */
export async function up(db: Kysely<Payloads>): Promise<void> {
  for (const column of ['account_id', 'sender']) await db.schema.alterTable('oidc_payloads').addColumn(column, 'text').execute()
  await db.schema.createIndex('oidc_payloads_account').on('oidc_payloads').column('account_id').execute()
  await db.schema.createIndex('oidc_payloads_sender').on('oidc_payloads').columns(['model', 'sender']).execute()
  for (const { key, payload } of await db.selectFrom('oidc_payloads').select(['key', 'payload']).execute()) {
    const { accountId } = JSON.parse(payload) as { accountId?: string }
    if (accountId === undefined) continue
    await db.updateTable('oidc_payloads').set({ account_id: accountId }).where('key', '=', key).execute()
  }
}
