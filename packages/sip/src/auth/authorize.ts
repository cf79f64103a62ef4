import { randomBytes } from 'node:crypto'
import { type DigestAlgorithm, digestHa1, digestResponse, formatDigest, parseDigest } from './digest.ts'

export interface Credentials {
  username: string
  password: string
}

/**
 * Answer a challenge as a client: pick the strongest algorithm offered and write the Authorization value.
 * `challenges` are the values of WWW-Authenticate or Proxy-Authenticate. Nothing when none can be answered.
 */
export function authorize(
  challenges: readonly string[],
  { username, password }: Credentials,
  method: string,
  uri: string,
  cnonce = randomBytes(12).toString('hex'),
): string | undefined {
  const parsed = challenges.map(parseDigest).filter((fields) => fields !== undefined)
  for (const algorithm of ['SHA-256', 'MD5'] satisfies DigestAlgorithm[]) {
    for (const fields of parsed) {
      const named = fields.get('algorithm')
      if ((named ?? 'MD5').toUpperCase() !== algorithm) continue
      const realm = fields.get('realm')
      const nonce = fields.get('nonce')
      if (realm === undefined || nonce === undefined) continue
      const offered = fields
        .get('qop')
        ?.split(',')
        .map((item) => item.trim().toLowerCase())
      if (offered && !offered.includes('auth')) continue
      const qop = offered ? 'auth' : undefined
      const nc = '00000001'
      const ha1 = digestHa1(algorithm, username, realm, password)
      const response = digestResponse({ algorithm, ha1, method, uri, nonce, qop, nc, cnonce })
      const reply = new Map([
        ['username', username],
        ['realm', realm],
        ['nonce', nonce],
        ['uri', uri],
        ['response', response],
      ])
      if (named !== undefined) reply.set('algorithm', named)
      const opaque = fields.get('opaque')
      if (opaque !== undefined) reply.set('opaque', opaque)
      if (qop) reply.set('qop', qop).set('nc', nc).set('cnonce', cnonce)
      return formatDigest(reply, ['algorithm', 'qop', 'nc'])
    }
  }
  return undefined
}
