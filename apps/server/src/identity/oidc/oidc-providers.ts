import type { Provider } from 'oidc-provider'
import type { Clock } from '../../common/clock.ts'
import type { Database } from '../../store/database.ts'
import type { AccessTokens } from '../access-tokens.ts'
import type { Directory, Tenant } from '../directory.ts'
import { OAuthError } from '../oauth-errors.ts'
import type { Sessions } from '../session.ts'
import type { SigningKeys } from '../signing-keys.ts'
import type { Consents } from './consents.ts'
import { formActionOf } from './form-action.ts'
import type { OidcPages } from './provider.ts'

const manyTenants = new Set(['common', 'organizations'])
const purgeEvery = 300_000
const interactionPath = /^\/([0-9a-f-]{36})\/interaction\/([\w-]{10,64})$/

/** Sign-in for applications: one OpenID provider for each tenant, made when it is first asked for. */
export class OidcProviders {
  readonly #directory: Directory
  readonly #keys: SigningKeys
  readonly #tokens: AccessTokens
  readonly #rest: { db: Database; clock: Clock; directory: Directory; sessions: Sessions; consents: Consents }
  readonly #providers = new Map<string, { kid: string; provider: Provider }>()
  #pages: OidcPages | undefined
  #purgedAt = 0

  constructor(options: {
    db: Database
    clock: Clock
    directory: Directory
    sessions: Sessions
    consents: Consents
    keys: SigningKeys
    tokens: AccessTokens
  }) {
    const { keys, tokens, ...rest } = options
    this.#directory = options.directory
    this.#keys = keys
    this.#tokens = tokens
    this.#rest = rest
  }

  /** The pages providers show; set once, before the first request. */
  usePages(pages: OidcPages): void {
    this.#pages = pages
  }

  /** The tenant of a path; for `common` and `organizations` the one of the application. Throws OAuthError. */
  async tenant(name: string, clientId: string | null): Promise<Tenant> {
    const id = manyTenants.has(name.toLowerCase()) ? await this.#tenantOfClient(clientId) : name
    const tenant = id === undefined ? undefined : await this.#directory.tenants.find(id)
    if (tenant === undefined) throw new OAuthError(id === undefined ? 'AADSTS700016' : 'AADSTS90002')
    return tenant
  }

  /** The provider of a tenant; made anew when the signing keys have been rotated. */
  async provider(tenantId: string): Promise<Provider> {
    await this.#purge()
    const { kid } = await this.#keys.current()
    const known = this.#providers.get(tenantId)
    if (known?.kid === kid) return known.provider
    // Loaded with the first sign-in: a server that only serves applications never needs it.
    const { makeProvider } = await import('./provider.ts')
    const provider = makeProvider({
      ...this.#rest,
      tenantId,
      issuer: this.#tokens.issuerOf(tenantId),
      keys: await this.#keys.privateSet(),
      pages: this.#pages!,
    })
    this.#providers.set(tenantId, { kid, provider })
    return provider
  }

  /** The application on whose behalf somebody signs in, when the path they go back to is an interaction's. */
  async askedBy(path: string): Promise<{ name: string; formAction: string[] } | undefined> {
    const match = interactionPath.exec(path)
    const tenant = match === null ? undefined : await this.#directory.tenants.find(match[1]!)
    if (tenant === undefined) return undefined
    const provider = await this.provider(tenant.id)
    const interaction = await provider.Interaction.find(match![2]!)
    const client = interaction && (await provider.Client.find(String(interaction.params.client_id)))
    if (client === undefined) return undefined
    return { name: client.clientName ?? '', formAction: formActionOf(interaction?.params.redirect_uri) }
  }

  /** Delete what has expired, at most once in five minutes. */
  async #purge(): Promise<void> {
    const { db, clock } = this.#rest
    if (clock.millis() - this.#purgedAt < purgeEvery) return
    this.#purgedAt = clock.millis()
    await db.deleteFrom('oidc_payloads').where('expires_at', '<=', clock.now()).execute()
  }

  async #tenantOfClient(clientId: string | null): Promise<string | undefined> {
    return clientId === null ? undefined : (await this.#directory.applications.findByClientId(clientId))?.tenantId
  }
}
