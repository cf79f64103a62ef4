import { randomBytes } from 'node:crypto'
import { AccessToken, type VideoGrant } from 'livekit-server-sdk'

/** An API key pair of one server under test. */
export interface Keys {
  key: string
  secret: string
}

/** A fresh random key pair: no test has a secret that could be mistaken for a default. */
export const freshKeys = (): Keys => ({
  key: `API${randomBytes(6).toString('hex')}`,
  secret: randomBytes(32).toString('base64url'),
})

/** What a token says about the person, besides the grants. */
export interface TokenOptions {
  name?: string
  metadata?: string
  attributes?: Record<string, string>
  /** Seconds, or a jsonwebtoken-like span ("10m"). */
  ttl?: number | string
  kind?: string
}

/** A LiveKit access token for one room; grants default to joining with everything allowed. */
export function token(
  keys: Keys,
  identity: string,
  room: string,
  grants: VideoGrant = {},
  options: TokenOptions = {},
): Promise<string> {
  const access = new AccessToken(keys.key, keys.secret, { identity, ttl: '1h', ...options })
  access.addGrant({ roomJoin: true, room, canUpdateOwnMetadata: true, ...grants })
  return access.toJwt()
}
