import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import type { TrustedIssuer } from '../config/config.ts'
import { TokenError, toTokenError } from './token-error.ts'

type KeySet = ReturnType<typeof createRemoteJWKSet>

const discoveryTimeoutMs = 5_000

/** Tokens of issuers outside (Entra ID itself, Keycloak) that the settings name. */
export class TrustedIssuers {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>
  readonly #keySets = new Map<string, Promise<KeySet>>()

  constructor(issuers: readonly TrustedIssuer[]) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
  }

  /** Verify a token against its issuer's published keys. The tenant is the one the settings map the issuer to. Throws TokenError. */
  async verify(token: string): Promise<JWTPayload> {
    const issuer = this.#issuers.get(readIssuer(token) ?? '')
    if (issuer === undefined) throw new TokenError('Access token validation failure. Invalid signature.')
    const keys = await this.#keysOf(issuer)
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384'],
      })
      return {
        ...payload,
        tid: issuer.tenantId,
        oid: payload.oid ?? payload.sub,
        appid: payload.appid ?? payload.azp ?? payload.client_id,
      }
    } catch (error) {
      throw toTokenError(error)
    }
  }

  #keysOf(issuer: TrustedIssuer): Promise<KeySet> {
    let keys = this.#keySets.get(issuer.issuer)
    if (keys === undefined) {
      keys = discoverKeys(issuer)
      this.#keySets.set(issuer.issuer, keys)
      // A failed look-up is forgotten, so that the next request tries again.
      keys.catch(() => this.#keySets.delete(issuer.issuer))
    }
    return keys
  }
}

async function discoverKeys({ issuer }: TrustedIssuer): Promise<KeySet> {
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const response = await fetch(address, { signal: AbortSignal.timeout(discoveryTimeoutMs), redirect: 'error' })
    const { issuer: named, jwks_uri: jwksUri } = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
    if (named !== issuer || typeof jwksUri !== 'string') throw new Error('the discovery document does not belong to the issuer')
    return createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: discoveryTimeoutMs })
  } catch {
    throw new TokenError('Access token validation failure. The keys of the token issuer could not be read.')
  }
}

function readIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    throw new TokenError('CompactToken parsing failed with error code: 80049217')
  }
}
