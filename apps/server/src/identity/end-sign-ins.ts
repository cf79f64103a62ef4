import type { Database } from '../store/database.ts'

/** What oidc-provider keeps that opens something by itself; a grant and a consent do not, and stay. */
const openers = ['RefreshToken', 'AuthorizationCode', 'DeviceCode', 'Session']

/**
 * End everything a person has signed in: sessions of our pages, refresh tokens, codes on their way, device codes they have
 * confirmed. What they allowed applications stays allowed, as at Entra ID; it needs a sign-in before it gives anything.
 */
export async function endSignIns(db: Database, userId: string): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute()
  await db.deleteFrom('oidc_payloads').where('account_id', '=', userId).where('model', 'in', openers).execute()
}
