import { randomUUID } from 'node:crypto'
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../common/clock.ts'
import type { Principal } from './principal.ts'
import type { SigningKeys } from './signing-keys.ts'
import { TokenError, toTokenError } from './token-error.ts'
import type { TrustedIssuers } from './trusted-issuers.ts'

/** The names Graph's resource goes by: its URI and its application id. */
export const graphResources = ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'] as const

/** Seconds an access token lives: one hour, less the second Entra takes off. */
export const tokenLifetime = 3599

const rememberedTokens = 2_000

export interface AppTokenSubject {
  tenantId: string
  clientId: string
  servicePrincipalId: string
  displayName: string
  roles: readonly string[]
}

/** Issues and verifies access tokens for our Graph, in the dialect of Entra's v1 tokens (contract D.4). */
export class AccessTokens {
  readonly #keys: SigningKeys
  readonly #clock: Clock
  readonly #issuerBase: string
  readonly #audiences: readonly string[]
  readonly #trusted: TrustedIssuers
  readonly #verified = new Map<string, { principal: Principal; expires: number }>()

  constructor(options: {
    keys: SigningKeys
    clock: Clock
    issuerBase: string
    origins: readonly string[]
    trusted: TrustedIssuers
  }) {
    this.#keys = options.keys
    this.#clock = options.clock
    this.#issuerBase = options.issuerBase
    this.#audiences = [...graphResources, ...options.origins]
    this.#trusted = options.trusted
  }

  issuerOf(tenantId: string): string {
    return `${this.#issuerBase}/${tenantId}/v2.0`
  }

  /** Sign an app-only token. `audience` is the resource as the client named it; `credential` is `1` secret, `2` certificate. */
  async issueForApp(app: AppTokenSubject, audience: string, credential: '1' | '2'): Promise<string> {
    return this.sign(app.tenantId, audience, {
      aio: randomUUID(),
      app_displayname: app.displayName,
      appid: app.clientId,
      appidacr: credential,
      idp: this.issuerOf(app.tenantId),
      idtyp: 'app',
      oid: app.servicePrincipalId,
      ...(app.roles.length > 0 ? { roles: app.roles } : {}),
      sub: app.servicePrincipalId,
    })
  }

  /** Sign an access token with the claims every token has, and these. */
  async sign(tenantId: string, audience: string, claims: JWTPayload): Promise<string> {
    const key = await this.#keys.current()
    const now = Math.floor(this.#clock.millis() / 1000)
    return new SignJWT({ ...claims, tid: tenantId, uti: randomUUID(), ver: '1.0' })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: key.kid, x5t: key.kid })
      .setAudience(audience)
      .setIssuer(this.issuerOf(tenantId))
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + tokenLifetime)
      .sign(key.privateKey)
  }

  /** Who a bearer token speaks for. Throws TokenError. */
  async verify(token: string): Promise<Principal> {
    const seconds = this.#clock.millis() / 1000
    const remembered = this.#verified.get(token)
    if (remembered !== undefined && seconds < remembered.expires) return remembered.principal
    const { payload, external } = await this.#verifySignature(token)
    const principal = toPrincipal(payload, external)
    if (this.#verified.size >= rememberedTokens) this.#verified.delete(this.#verified.keys().next().value!)
    this.#verified.set(token, { principal, expires: payload.exp ?? 0 })
    return principal
  }

  async #verifySignature(token: string): Promise<{ payload: JWTPayload; external: boolean }> {
    const kid = readKid(token)
    const key = await this.#keys.find(kid)
    if (key === undefined) return { payload: await this.#trusted.verify(token), external: true }
    try {
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: ['RS256'],
        audience: [...this.#audiences],
        requiredClaims: ['tid', 'exp', 'oid'],
        currentDate: new Date(this.#clock.millis()),
      })
      if (payload.iss !== this.issuerOf(String(payload.tid)))
        throw new TokenError('Access token validation failure. Invalid issuer.')
      return { payload, external: false }
    } catch (error) {
      throw toTokenError(error)
    }
  }
}

function readKid(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    throw new TokenError('CompactToken parsing failed with error code: 80049217')
  }
}

function toPrincipal(payload: JWTPayload, external: boolean): Principal {
  const roles = Array.isArray(payload.roles) ? payload.roles.filter((role) => typeof role === 'string') : []
  const scopes = typeof payload.scp === 'string' ? payload.scp.split(' ').filter((scope) => scope !== '') : []
  const app = payload.idtyp === 'app' || (payload.idtyp === undefined && payload.scp === undefined)
  return {
    kind: app ? 'app' : 'user',
    tenantId: String(payload.tid),
    appId: String(payload.appid ?? payload.azp ?? ''),
    objectId: String(payload.oid ?? payload.sub ?? ''),
    roles: new Set(roles),
    scopes: new Set(scopes),
    ...(external ? { external } : {}),
  }
}
