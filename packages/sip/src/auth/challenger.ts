import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SipRequest } from '../message/message.ts'
import { userOf } from '../message/uri.ts'
import { type DigestAlgorithm, digestHa1, digestResponse, formatDigest, parseDigest } from './digest.ts'

/** Someone who may call with a name and password. */
export interface DigestUser {
  name: string
  username: string
  password: string
}

export type Verdict =
  | { outcome: 'ok'; name: string }
  /** No usable credentials were given. */
  | { outcome: 'none' }
  /** Right shape, but the nonce is too old or not ours: ask again. */
  | { outcome: 'stale' }
  | { outcome: 'wrong'; code: 'bad-credentials' | 'replayed-credentials' }

const nonceLife = 60_000
const rememberedNonces = 20_000

interface Known {
  name: string
  ha1: Record<DigestAlgorithm, string>
}

/** Challenges callers and checks their answers (RFC 3261 section 22.4, RFC 8760). Nonces are signed, not stored. */
export class Challenger {
  readonly #realm: string
  readonly #algorithms: readonly DigestAlgorithm[]
  readonly #secret = randomBytes(32)
  readonly #users = new Map<string, Known>()
  /** Highest nonce count seen, so that a recorded answer cannot be used again. */
  readonly #counts = new Map<string, number>()

  constructor(realm: string, users: readonly DigestUser[], algorithms: readonly DigestAlgorithm[] = ['MD5']) {
    this.#algorithms = algorithms
    this.#realm = realm
    for (const { name, username, password } of users) {
      this.#users.set(username, {
        name,
        ha1: {
          MD5: digestHa1('MD5', username, realm, password),
          'SHA-256': digestHa1('SHA-256', username, realm, password),
        },
      })
    }
  }

  get size(): number {
    return this.#users.size
  }

  /** WWW-Authenticate values, best algorithm first (RFC 8760 section 2.4). */
  challenge(stale = false, now = Date.now()): string[] {
    const nonce = this.#nonce(now)
    return this.#algorithms.map((algorithm) => {
      const fields = new Map([
        ['realm', this.#realm],
        ['nonce', nonce],
        ['algorithm', algorithm],
        ['qop', 'auth'],
      ])
      if (stale) fields.set('stale', 'true')
      return formatDigest(fields, ['algorithm', 'stale'])
    })
  }

  /** Check the Authorization of a request. */
  verify(request: SipRequest, now = Date.now()): Verdict {
    const fields = request.headers
      .all('Authorization')
      .map(parseDigest)
      .find((parsed) => parsed?.get('realm') === this.#realm)
    if (!fields) return { outcome: 'none' }
    const nonce = fields.get('nonce') ?? ''
    if (!this.#nonceIsFresh(nonce, now)) return { outcome: 'stale' }
    const algorithm = (fields.get('algorithm') ?? 'MD5').toUpperCase()
    const known = this.#algorithms.find((name) => name === algorithm)
    if (!known) return { outcome: 'none' }
    const user = this.#users.get(fields.get('username') ?? '')
    const qop = fields.get('qop')
    const nc = fields.get('nc') ?? ''
    const wrong = { outcome: 'wrong', code: 'bad-credentials' } as const
    // Without qop an answer could be replayed for the life of the nonce; every peer since RFC 3261 sends it.
    const uri = fields.get('uri')
    if (qop !== 'auth' || !/^[0-9a-f]{8}$/i.test(nc) || uri === undefined) return wrong
    // An answer given for one number opens no other (RFC 7616 section 3.4.6). Hosts are not compared: a name and an address
    // of ours are the same, and proxies on the way write the one for the other.
    if (userOf(uri) !== userOf(request.uri)) return wrong
    const expected = digestResponse({
      algorithm: known,
      // An unknown name costs as much as a known one.
      ha1: user?.ha1[known] ?? '',
      method: request.method,
      uri,
      nonce,
      qop,
      nc,
      cnonce: fields.get('cnonce') ?? '',
    })
    if (!user || !equal(expected, (fields.get('response') ?? '').toLowerCase())) return wrong
    const count = Number.parseInt(nc, 16)
    if (count <= (this.#counts.get(nonce) ?? 0)) return { outcome: 'wrong', code: 'replayed-credentials' }
    this.#remember(nonce, count)
    return { outcome: 'ok', name: user.name }
  }

  #remember(nonce: string, count: number): void {
    this.#counts.delete(nonce)
    this.#counts.set(nonce, count)
    if (this.#counts.size > rememberedNonces) this.#counts.delete(this.#counts.keys().next().value!)
  }

  #nonce(now: number): string {
    const stamp = `${now.toString(36)}.${randomBytes(6).toString('hex')}`
    return `${stamp}.${this.#sign(stamp)}`
  }

  #nonceIsFresh(nonce: string, now: number): boolean {
    const cut = nonce.lastIndexOf('.')
    const stamp = nonce.slice(0, Math.max(0, cut))
    if (!equal(this.#sign(stamp), nonce.slice(cut + 1))) return false
    const age = now - Number.parseInt(stamp.split('.', 1)[0]!, 36)
    return age >= 0 && age <= nonceLife
  }

  #sign(stamp: string): string {
    return createHmac('sha256', this.#secret).update(stamp).digest('hex').slice(0, 32)
  }
}

function equal(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
