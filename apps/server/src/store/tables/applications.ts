import type { Instant } from '../../common/instant.ts'

export interface ApplicationsTable {
  /** The application's object id. */
  id: string
  /** The application (client) id. */
  client_id: string
  /** The object id of its service principal: `oid` and `sub` of its tokens. */
  service_principal_id: string
  tenant_id: string
  display_name: string
  /** JSON array of granted application permissions. */
  roles: string
  enabled: number
  /** JSON array: where people may be sent back to after signing in. */
  redirect_uris: string
  /** 1 for applications that can keep no secret: on devices, in browsers. */
  is_public: number
  created_at: Instant
}

export interface CredentialsTable {
  id: string
  application_id: string
  kind: 'secret' | 'certificate'
  display_name: string | null
  /** scrypt hash of a secret, or the public key of a certificate (SPKI, PEM). */
  value: string
  /** First characters of a secret, to tell secrets apart. */
  hint: string | null
  /** base64url SHA-1 and SHA-256 of a certificate, as `x5t` and `x5t#S256` carry them. */
  thumbprint_sha1: string | null
  thumbprint_sha256: string | null
  expires_at: Instant
  created_at: Instant
}
