import type Provider from 'oidc-provider'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import type { Clock } from '../../common/clock.ts'
import type { Database } from '../../store/database.ts'
import { graphResource, openIdScopes } from './scopes.ts'

/** What people have allowed applications; asked once, remembered until it is taken back. */
export class Consents {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** The grant an authorization starts from: the remembered one, made anew when it has expired. For oidc-provider's `loadExistingGrant`. */
  async load(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { provider, result, client, session } = ctx.oidc
    const given = result?.consent?.grantId
    if (given !== undefined) return provider.Grant.find(given)
    const accountId = session?.accountId
    if (client === undefined || accountId === undefined) return undefined
    const row = await this.#db
      .selectFrom('consents')
      .selectAll()
      .where('user_id', '=', accountId)
      .where('client_id', '=', client.clientId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const known = await provider.Grant.find(row.grant_id)
    if (known !== undefined) return known
    return this.#make(provider, accountId, client.clientId, JSON.parse(row.scopes) as string[])
  }

  /** Remember that a person allows an application these scopes, besides what they allowed before. Returns the grant's id. */
  async allow(provider: Provider, userId: string, clientId: string, scopes: readonly string[]): Promise<string> {
    const row = await this.#db
      .selectFrom('consents')
      .selectAll()
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    const all = [...new Set([...(row === undefined ? [] : (JSON.parse(row.scopes) as string[])), ...scopes])]
    const known = row === undefined ? undefined : await provider.Grant.find(row.grant_id)
    if (known === undefined) return (await this.#make(provider, userId, clientId, all)).jti
    add(known, all)
    await known.save()
    await this.#remember(userId, clientId, known.jti, all)
    return known.jti
  }

  /** Take a permission back: the application's refresh tokens end with it. False when there was none. */
  async withdraw(userId: string, clientId: string): Promise<boolean> {
    const row = await this.#db
      .deleteFrom('consents')
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .returning('grant_id')
      .executeTakeFirst()
    if (row === undefined) return false
    await this.#db.deleteFrom('oidc_payloads').where('grant_id', '=', row.grant_id).execute()
    return true
  }

  /** What a person has allowed, by client id. */
  async list(userId: string): Promise<{ clientId: string; scopes: string[] }[]> {
    const rows = await this.#db.selectFrom('consents').selectAll().where('user_id', '=', userId).orderBy('updated_at').execute()
    return rows.map((row) => ({ clientId: row.client_id, scopes: JSON.parse(row.scopes) as string[] }))
  }

  async #make(provider: Provider, accountId: string, clientId: string, scopes: readonly string[]): Promise<Grant> {
    const grant = new provider.Grant({ accountId, clientId })
    add(grant, scopes)
    const id = await grant.save()
    await this.#remember(accountId, clientId, id, scopes)
    return grant
  }

  async #remember(userId: string, clientId: string, grantId: string, scopes: readonly string[]): Promise<void> {
    const row = { grant_id: grantId, scopes: JSON.stringify(scopes), updated_at: this.#clock.now() }
    await this.#db
      .insertInto('consents')
      .values({ user_id: userId, client_id: clientId, ...row })
      .onConflict((conflict) => conflict.columns(['user_id', 'client_id']).doUpdateSet(row))
      .execute()
  }
}

function add(grant: Grant, scopes: readonly string[]): void {
  const openId = openIdScopes.filter((scope) => scopes.includes(scope))
  if (openId.length > 0) grant.addOIDCScope(openId.join(' '))
  grant.addResourceScope(graphResource, scopes.join(' '))
}
