import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import { addYears, type Instant, parseInstant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { CredentialsTable } from '../store/tables/applications.ts'
import { DirectoryError } from './directory-error.ts'
import { hashSecret, newSecret, secretHint } from './secret-hash.ts'

/** What an application proves itself with. */
export interface Credential {
  id: string
  applicationId: string
  kind: 'secret' | 'certificate'
  displayName: string | null
  /** scrypt hash of a secret, or the public key of a certificate (SPKI, PEM). */
  value: string
  /** First characters of a secret, to tell secrets apart. */
  hint: string | null
  /** base64url SHA-1 and SHA-256 of a certificate, as `x5t` and `x5t#S256` carry them. */
  thumbprintSha1: string | null
  thumbprintSha256: string | null
  expiresAt: Instant
  createdAt: Instant
}

function toCredential(row: Selectable<CredentialsTable>): Credential {
  return {
    id: row.id,
    applicationId: row.application_id,
    kind: row.kind,
    displayName: row.display_name,
    value: row.value,
    hint: row.hint,
    thumbprintSha1: row.thumbprint_sha1,
    thumbprintSha256: row.thumbprint_sha256,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

/** The rules and the SQL of what applications prove themselves with. */
export class Credentials {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Those of an application, oldest first. */
  async of(applicationId: string): Promise<Credential[]> {
    const query = this.#db.selectFrom('credentials').selectAll().where('application_id', '=', applicationId).orderBy('created_at')
    return (await query.execute()).map(toCredential)
  }

  /** Make a secret; only its hash is kept, so this is the one time it is seen. */
  async addSecret(
    applicationId: string,
    options: { displayName?: string; years?: number },
  ): Promise<{ secret: string; credential: Credential }> {
    const secret = newSecret()
    const credential = await this.#insert({
      application_id: applicationId,
      kind: 'secret',
      display_name: options.displayName ?? null,
      value: await hashSecret(secret),
      hint: secretHint(secret),
      thumbprint_sha1: null,
      thumbprint_sha256: null,
      expires_at: addYears(this.#clock.now(), options.years ?? 2),
    })
    return { secret, credential }
  }

  /** Register a certificate (PEM) for client assertions. Throws DirectoryError when it cannot be read or is no RSA key. */
  async addCertificate(applicationId: string, pem: string, displayName?: string): Promise<Credential> {
    const certificate = readCertificate(pem)
    const thumbprint = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest('base64url')
    return this.#insert({
      application_id: applicationId,
      kind: 'certificate',
      display_name: displayName ?? certificate.subject,
      value: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      hint: null,
      thumbprint_sha1: thumbprint('sha1'),
      thumbprint_sha256: thumbprint('sha256'),
      expires_at: parseInstant(new Date(certificate.validTo).toISOString())!,
    })
  }

  async delete(applicationId: string, credentialId: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('credentials')
      .where('id', '=', credentialId)
      .where('application_id', '=', applicationId)
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  async #insert(row: Omit<Selectable<CredentialsTable>, 'id' | 'created_at'>): Promise<Credential> {
    const values = { ...row, id: randomUUID(), created_at: this.#clock.now() }
    return toCredential(await this.#db.insertInto('credentials').values(values).returningAll().executeTakeFirstOrThrow())
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem)
    if (certificate.publicKey.asymmetricKeyType === 'rsa') return certificate
  } catch {
    throw new DirectoryError('invalid', 'certificate', 'the certificate could not be read; PEM is expected')
  }
  throw new DirectoryError('invalid', 'certificate', 'the certificate must hold an RSA key')
}
