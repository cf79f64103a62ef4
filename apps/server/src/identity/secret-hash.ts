import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { FairQueue } from '../common/fair-queue.ts'

const cost: ScryptOptions = { N: 16_384, r: 8, p: 1 }
/** Far more than anybody types; a longer one is wrong without a look, since normalizing long text is slow. */
const maxSecretLength = 1_024

/**
 * The queue all hashing of what strangers send goes through: two at a time, of the four threads Node has for this and for
 * files, and a thousand waiting.
 */
export function hashingQueue(): FairQueue {
  return new FairQueue({ atOnce: 2, waiting: 1_000 })
}

function derive(secret: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(secret.normalize('NFC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key))),
  )
}

/** Hash a password or client secret of at most `maxSecretLength` with scrypt (RFC 7914): `scrypt$N$r$p$salt$key`. Throws RangeError. */
export async function hashSecret(secret: string): Promise<string> {
  if (secret.length > maxSecretLength) throw new RangeError(`a secret may have at most ${maxSecretLength} characters`)
  const salt = randomBytes(16)
  const key = await derive(secret, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Whether a secret is the hashed one; compared in constant time. False for a hash we cannot read. */
export async function verifySecret(secret: string, hash: string): Promise<boolean> {
  if (secret.length > maxSecretLength) return verifyNothing('')
  const [scheme, N, r, p, salt, key] = hash.split('$')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64url')
  const actual = await derive(secret, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** Spend the time a comparison takes, so that an unknown name answers no faster than a wrong secret. */
export async function verifyNothing(secret: string): Promise<false> {
  await derive(secret.slice(0, maxSecretLength), Buffer.alloc(16), cost)
  return false
}

/** What of a secret may be shown to its administrators, so that they can tell several apart. */
export function secretHint(secret: string): string {
  return secret.slice(0, 3)
}

/** A new secret of 256 random bits that survives copying by hand: letters, digits, `-` and `_`. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** A password that nobody chose, for the demo's people. */
export function newPassword(): string {
  return randomBytes(12).toString('base64url')
}
