import { createHash, webcrypto } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { exportJWK, importJWK, type JWK } from 'jose'

interface StoredKey {
  kid: string
  createdAt: string
  privateJwk: JWK
  certificate: string
}

export interface SigningKey {
  kid: string
  privateKey: webcrypto.CryptoKey
  publicKey: webcrypto.CryptoKey
  /** The member of the JWK set (RFC 7517), with `x5t` and `x5c`. */
  publicJwk: JWK
}

/** How many keys stay known after rotations: the newest signs, the others still verify. */
const keptKeys = 3

async function generateKey(): Promise<StoredKey> {
  const { X509CertificateGenerator } = await import('../common/x509.ts')
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const now = new Date()
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Parley token signing',
      notBefore: now,
      notAfter: new Date(now.getTime() + 10 * 365 * 86_400_000),
      signingAlgorithm: algorithm,
      keys,
    },
    webcrypto as unknown as Parameters<typeof X509CertificateGenerator.createSelfSigned>[1],
  )
  const der = Buffer.from(certificate.rawData)
  return {
    kid: createHash('sha1').update(der).digest('base64url'),
    createdAt: now.toISOString(),
    privateJwk: await exportJWK(keys.privateKey),
    certificate: der.toString('base64'),
  }
}

async function importKey(stored: StoredKey): Promise<SigningKey> {
  const { kty, n, e } = stored.privateJwk
  const shape = { kty, n, e } as JWK
  const publicJwk: JWK = { ...shape, use: 'sig', kid: stored.kid, x5t: stored.kid, x5c: [stored.certificate] }
  return {
    kid: stored.kid,
    privateKey: (await importJWK(stored.privateJwk, 'RS256')) as webcrypto.CryptoKey,
    publicKey: (await importJWK(shape, 'RS256')) as webcrypto.CryptoKey,
    publicJwk,
  }
}

/** The keys that sign tokens (RS256), kept in one file of mode 0600; the first signs, all verify. */
export class SigningKeys {
  readonly #path: string
  #modified = 0
  #keys: SigningKey[] = []

  private constructor(path: string) {
    this.#path = path
  }

  /** Open the key file, making it on the first start. */
  static async open(path: string): Promise<SigningKeys> {
    if (!existsSync(path)) write(path, [await generateKey()])
    const keys = new SigningKeys(path)
    await keys.#reload()
    return keys
  }

  /** Put a new key in front of a key file; tokens signed by the old ones stay valid. Returns the new `kid`. */
  static async rotate(path: string): Promise<string> {
    const stored = existsSync(path) ? read(path) : []
    const key = await generateKey()
    write(path, [key, ...stored].slice(0, keptKeys))
    return key.kid
  }

  /** The key to sign with; a rotation by another process is noticed here. */
  async current(): Promise<SigningKey> {
    await this.#reload()
    return this.#keys[0]!
  }

  /** The key of this id, or undefined. */
  async find(kid: string | undefined): Promise<SigningKey | undefined> {
    const known = this.#keys.find((key) => key.kid === kid)
    if (known !== undefined) return known
    await this.#reload()
    return this.#keys.find((key) => key.kid === kid)
  }

  async publicSet(): Promise<JWK[]> {
    await this.#reload()
    return this.#keys.map((key) => key.publicJwk)
  }

  /** The private keys as JWKs with `kid`, newest first, for a library that signs by itself. Never to be sent or logged. */
  async privateSet(): Promise<JWK[]> {
    await this.#reload()
    return read(this.#path).map(({ kid, privateJwk }) => ({ ...privateJwk, kid, use: 'sig', alg: 'RS256' }))
  }

  async #reload(): Promise<void> {
    const modified = statSync(this.#path).mtimeMs
    if (modified === this.#modified) return
    this.#keys = await Promise.all(read(this.#path).map(importKey))
    this.#modified = modified
  }
}

function read(path: string): StoredKey[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { keys: StoredKey[] }).keys
}

function write(path: string, keys: StoredKey[]): void {
  const draft = `${path}.new`
  writeFileSync(draft, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, path)
}
