import { createHash } from 'node:crypto'
import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import { type Grants, readGrants, videoClaim } from './grants.ts'

/** A token was refused; the message is what the client is told. */
export class TokenError extends Error {
  override name = 'TokenError'
  readonly code = 'unauthenticated'
}

const MAX_TOKEN = 16_384
const REFRESHED_LIFETIME = '10m'
const KIND_NAMES = ['standard', 'ingress', 'egress', 'sip', 'agent', '', '', 'connector']

/** Verifies LiveKit access tokens (JWT, HS256, issuer is the API key) and signs those the server itself hands out. */
export class Tokens {
  readonly #secrets: Map<string, Uint8Array>

  constructor(keys: Record<string, string>) {
    const encoder = new TextEncoder()
    this.#secrets = new Map(Object.entries(keys).map(([key, secret]) => [key, encoder.encode(secret)]))
  }

  /** The grants of a token. Throws TokenError when it is missing, malformed, expired, not yet valid or wrongly signed. */
  async verify(token: string): Promise<Grants> {
    if (token === '') throw new TokenError('permissions denied')
    if (token.length > MAX_TOKEN) throw new TokenError('invalid authorization token')
    let issuer: string | undefined
    try {
      issuer = decodeJwt(token).iss
    } catch {
      throw new TokenError('invalid authorization token')
    }
    const secret = this.#secrets.get(issuer ?? '')
    if (issuer === undefined || secret === undefined) throw new TokenError('invalid API key')
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ['HS256'],
        issuer,
        clockTolerance: 10,
        requiredClaims: ['exp'],
      })
      return readGrants(issuer, payload)
    } catch (error) {
      throw new TokenError(`invalid authorization token: ${error instanceof Error ? error.message : 'unreadable'}`)
    }
  }

  /** A token with the same grants, valid from now: what a client needs to come back after its own has expired. */
  async refresh(grants: Grants): Promise<string> {
    const claims = {
      video: videoClaim(grants),
      name: grants.name,
      metadata: grants.metadata,
      attributes: grants.attributes,
      kind: KIND_NAMES[grants.kind] ?? 'standard',
    }
    return this.#sign(grants.key, new SignJWT(claims).setSubject(grants.identity).setExpirationTime(REFRESHED_LIFETIME))
  }

  /** The Authorization header value of a webhook: a token that vouches for the body. */
  async signBody(key: string, body: Buffer): Promise<string> {
    const sha256 = createHash('sha256').update(body).digest('base64')
    return this.#sign(key, new SignJWT({ sha256 }).setExpirationTime('5m'))
  }

  has(key: string): boolean {
    return this.#secrets.has(key)
  }

  #sign(key: string, jwt: SignJWT): Promise<string> {
    return jwt
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(key)
      .setNotBefore(new Date())
      .sign(this.#secrets.get(key)!)
  }
}
