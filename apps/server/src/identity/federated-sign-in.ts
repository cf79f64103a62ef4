import type { Configuration } from 'openid-client'
import type { SignInIssuer } from '../config/config.ts'

/** What must be remembered between leaving for an issuer and coming back; kept by the person's browser. */
export interface AuthorizationRequest {
  issuer: string
  state: string
  nonce: string
  verifier: string
  returnTo: string
}

/** Somebody an issuer vouches for. */
export interface VouchedFor {
  tenantId: string
  /** The upn of the directory, as the issuer names it. */
  account: string
}

/** An issuer did not answer, or what it answered cannot be believed. */
export class FederatedSignInError extends Error {
  readonly issuerName: string
  constructor(issuerName: string, cause: unknown) {
    super(`signing in with ${issuerName} failed`, { cause })
    this.name = 'FederatedSignInError'
    this.issuerName = issuerName
  }
}

/**
 * OpenID providers outside that sign people of the directory in (authorization code with PKCE, OpenID Connect Core).
 * Who comes in this way must be in the directory of the tenant the settings name.
 */
export class FederatedSignIn {
  readonly #issuers: readonly SignInIssuer[]
  readonly #configurations = new Map<SignInIssuer, Promise<Configuration>>()

  constructor(issuers: readonly SignInIssuer[]) {
    this.#issuers = issuers
  }

  /** What the sign-in page offers; the id stands in its addresses. */
  offered(): { id: string; name: string }[] {
    return this.#issuers.map(({ name }, index) => ({ id: String(index + 1), name }))
  }

  /** Where to send somebody who chose an issuer. Undefined for an id that is not offered. Throws FederatedSignInError. */
  async authorize(
    id: string,
    redirectUri: string,
    returnTo: string,
  ): Promise<{ url: string; authorization: AuthorizationRequest } | undefined> {
    const issuer = this.#find(id)
    if (issuer === undefined) return undefined
    const client = await import('openid-client')
    const configuration = await this.#configuration(issuer)
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return { url: url.href, authorization: { issuer: id, state, nonce, verifier, returnTo } }
  }

  /** Who came back. Throws FederatedSignInError. */
  async callback(authorization: AuthorizationRequest, address: URL): Promise<VouchedFor | undefined> {
    const issuer = this.#find(authorization.issuer)
    if (issuer === undefined) return undefined
    const client = await import('openid-client')
    try {
      const tokens = await client.authorizationCodeGrant(await this.#configuration(issuer), address, {
        expectedState: authorization.state,
        expectedNonce: authorization.nonce,
        pkceCodeVerifier: authorization.verifier,
        idTokenExpected: true,
      })
      return { tenantId: issuer.tenantId, account: accountOf(issuer, tokens.claims() ?? {}) }
    } catch (error) {
      throw error instanceof FederatedSignInError ? error : new FederatedSignInError(issuer.name, error)
    }
  }

  #find(id: string): SignInIssuer | undefined {
    return /^\d{1,3}$/.test(id) ? this.#issuers[Number(id) - 1] : undefined
  }

  #configuration(issuer: SignInIssuer): Promise<Configuration> {
    let known = this.#configurations.get(issuer)
    if (known === undefined) {
      known = discover(issuer)
      this.#configurations.set(issuer, known)
      // A failed look-up is forgotten, so that the next try asks again.
      known.catch(() => this.#configurations.delete(issuer))
    }
    return known
  }
}

async function discover(issuer: SignInIssuer): Promise<Configuration> {
  const client = await import('openid-client')
  const url = new URL(issuer.issuer)
  try {
    return await client.discovery(url, issuer.clientId, issuer.clientSecret, undefined, {
      timeout: 5,
      // The settings allow http only on the machine itself.
      ...(url.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
    })
  } catch (error) {
    throw new FederatedSignInError(issuer.name, error)
  }
}

function accountOf(issuer: SignInIssuer, claims: Record<string, unknown>): string {
  const name = issuer.claim ?? 'preferred_username'
  const value = claims[name]
  if (typeof value !== 'string' || value === '') throw new FederatedSignInError(issuer.name, `the token has no claim "${name}"`)
  if (name === 'email' && claims.email_verified !== true)
    throw new FederatedSignInError(issuer.name, 'the issuer has not verified the e-mail address')
  return value
}
