import type { Clock } from '../common/clock.ts'
import { type FairQueue, QueueFullError } from '../common/fair-queue.ts'
import { neighbourhoodOf, senderOf } from '../common/network.ts'
import { RateLimit } from '../common/rate-limit.ts'
import { type AccessTokens, graphResources, tokenLifetime } from './access-tokens.ts'
import { type AuthenticatedClient, authenticateClient, clientIdOf, readClientCredentials } from './client-authentication.ts'
import type { Application, Directory, Tenant } from './directory.ts'
import { OAuthError } from './oauth-errors.ts'
import { hashingQueue } from './secret-hash.ts'

export interface TokenAnswer {
  token_type: 'Bearer'
  expires_in: number
  ext_expires_in: number
  access_token: string
}

export interface TokenRequest {
  tenant: string
  form: URLSearchParams
  authorization: string | undefined
  address: string
  /** The origin the client reached us by. */
  origin: string
  /** Whether it came to `/oauth2/token`, where `resource` stands in place of `scope`. */
  v1?: boolean
}

const meaningless = new Set(['openid', 'profile', 'email', 'offline_access'])
const manyTenants = new Set(['common', 'organizations', 'consumers'])

/** `/{tenant}/oauth2/v2.0/token` in Entra's dialect (contract D.1 to D.3). */
export class TokenService {
  readonly #directory: Directory
  readonly #tokens: AccessTokens
  readonly #clock: Clock
  readonly #origins: readonly string[]
  readonly #requests: RateLimit
  readonly #failures: RateLimit
  readonly #unknown: RateLimit
  readonly #hashing: FairQueue

  constructor(options: {
    directory: Directory
    tokens: AccessTokens
    clock: Clock
    origins: readonly string[]
    hashing?: FairQueue
  }) {
    this.#directory = options.directory
    this.#tokens = options.tokens
    this.#clock = options.clock
    this.#origins = options.origins
    this.#hashing = options.hashing ?? hashingQueue()
    const millis = () => options.clock.millis()
    this.#requests = new RateLimit({ burst: 200, perSecond: 20, millis })
    this.#failures = new RateLimit({ burst: 10, perSecond: 0.2, millis })
    this.#unknown = new RateLimit({ burst: 60, perSecond: 1, millis })
  }

  /** The tenant a path names. Throws OAuthError 90002, or 9001023 for `common` and its like. */
  async tenant(name: string): Promise<Tenant> {
    if (manyTenants.has(name.toLowerCase())) throw new OAuthError('AADSTS9001023')
    const tenant = await this.#directory.tenants.find(name)
    if (tenant === undefined) throw new OAuthError('AADSTS90002')
    return tenant
  }

  /** Answer a token request. Throws OAuthError. */
  async answer(request: TokenRequest): Promise<TokenAnswer> {
    return this.#throttled(request, () => this.#grant(request))
  }

  /**
   * The application that asks for a delegated token, proved in the same way as for its own: a confidential one by secret or
   * certificate; a public one need not, but what it shows must be right. `tenant` is the one the path names. Throws OAuthError.
   */
  async identify(request: TokenRequest, tenant: Tenant): Promise<Application> {
    return this.#throttled(request, async () => {
      checkNotRepeated(request.form)
      const { form } = request
      const application = await this.#directory.applications.findByClientId(form.get('client_id') ?? '')
      const shown = ['client_secret', 'client_assertion'].some((name) => form.has(name)) || request.authorization !== undefined
      if (application?.isPublic === true && application.tenantId === tenant.id && !shown) {
        if (!application.enabled) throw new OAuthError('AADSTS7000112')
        return application
      }
      return (await this.#authenticate(request, tenant)).application
    })
  }

  async #throttled<T>(request: TokenRequest, work: () => Promise<T>): Promise<T> {
    const [sender, neighbourhood] = [senderOf(request.address), neighbourhoodOf(request.address)]
    const key = await this.#throttleKey(request, sender)
    const wait =
      key === undefined
        ? this.#unknown.take(sender, neighbourhood)
        : this.#requests.take(key, neighbourhood) || this.#failures.wait(key)
    if (wait > 0) throw new OAuthError('AADSTS90055', '', wait)
    try {
      return await work()
    } catch (error) {
      if (error instanceof QueueFullError) throw new OAuthError('AADSTS90055', '', error.seconds)
      // Only a wrong credential is a guess; a malformed request must not lock a client out.
      if (key !== undefined && error instanceof OAuthError && error.status === 401) this.#failures.take(key, neighbourhood)
      throw error
    }
  }

  /** The application a request names, at its sender; undefined when there is no such application: all of those count as one. */
  async #throttleKey({ form, authorization }: TokenRequest, sender: string): Promise<string | undefined> {
    const named = clientIdOf(form, authorization)
    const application = named === undefined ? undefined : await this.#directory.applications.findByClientId(named)
    return application && `${application.clientId} ${sender}`
  }

  #authenticate(request: TokenRequest, tenant: Tenant): Promise<AuthenticatedClient> {
    const client = readClientCredentials(request.form, request.authorization)
    const context = { directory: this.#directory, clock: this.#clock, hashing: this.#hashing }
    return authenticateClient(context, tenant.id, client, this.#assertionAudiences(tenant, request), senderOf(request.address))
  }

  async #grant(request: TokenRequest): Promise<TokenAnswer> {
    const { form } = request
    checkNotRepeated(form)
    const tenant = await this.tenant(request.tenant)
    const grant = form.get('grant_type')
    if (grant === null || grant === '') throw new OAuthError('AADSTS900144', "'grant_type'.")
    if (grant !== 'client_credentials') throw new OAuthError('AADSTS70003')
    if (form.has('resource') && !request.v1) throw new OAuthError('AADSTS901002')
    // A request that shows nothing, or asks for nothing that is here, is told so before anything costs time.
    readClientCredentials(form, request.authorization)
    const audience = request.v1 ? this.#audienceOfV1(form.get('resource')) : this.#audience(form.get('scope'))
    const { application, method } = await this.#authenticate(request, tenant)
    const token = await this.#tokens.issueForApp(
      {
        tenantId: tenant.id,
        clientId: application.clientId,
        servicePrincipalId: application.servicePrincipalId,
        displayName: application.displayName,
        roles: application.roles,
      },
      audience,
      method,
    )
    return { token_type: 'Bearer', expires_in: tokenLifetime, ext_expires_in: tokenLifetime, access_token: token }
  }

  #audienceOfV1(resource: string | null): string {
    if (resource === null || resource.trim() === '') throw new OAuthError('AADSTS900144', "'resource'.")
    return this.#resource(resource.trim())
  }

  #audience(scope: string | null): string {
    if (scope === null || scope.trim() === '') throw new OAuthError('AADSTS900144', "'scope'.")
    // MSAL for Java and for Go send OpenID's scopes beside the resource; they mean nothing here and Entra ID leaves them out.
    const scopes = scope
      .trim()
      .split(/\s+/)
      .filter((each) => !meaningless.has(each.toLowerCase()))
    const [name] = new Set(scopes)
    if (name === undefined || !scopes.every((each) => each.endsWith('/.default'))) throw new OAuthError('AADSTS1002012')
    if (scopes.some((each) => each !== name)) throw new OAuthError('AADSTS700022')
    return this.#resource(name.slice(0, -'/.default'.length))
  }

  #resource(written: string): string {
    // `https://host//.default` is how a resource with a trailing slash is written.
    const resource = written.replace(/\/$/, '')
    const known = [...graphResources, ...this.#origins].find((each) => each.toLowerCase() === resource.toLowerCase())
    if (known === undefined) throw new OAuthError('AADSTS500011', `'${resource.slice(0, 200)}'.`)
    return known
  }

  #assertionAudiences(tenant: Tenant, request: TokenRequest): string[] {
    const names = [...new Set([tenant.id, tenant.domain, request.tenant])]
    return [...new Set([request.origin, ...this.#origins])].flatMap((origin) =>
      names.flatMap((name) => [
        `${origin}/${name}/oauth2/v2.0/token`,
        `${origin}/${name}/oauth2/token`,
        `${origin}/${name}/v2.0`,
        `${origin}/${name}`,
        `${origin}/${name}/`,
      ]),
    )
  }
}

/** Throws OAuthError 9002313 for a form that says something twice. */
export function checkNotRepeated(form: URLSearchParams): void {
  const seen = new Set<string>()
  for (const name of form.keys()) {
    if (seen.has(name)) throw new OAuthError('AADSTS9002313', ` The parameter '${name.slice(0, 40)}' is repeated.`)
    seen.add(name)
  }
}
