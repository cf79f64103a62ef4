/** Who is calling, after the token was verified. */
export interface Principal {
  kind: 'app' | 'user'
  tenantId: string
  /** The application's client id. */
  appId: string
  /** `oid`: the service principal's, or the person's. */
  objectId: string
  /** Application permissions (`roles`). */
  roles: ReadonlySet<string>
  /** Delegated permissions (`scp`). */
  scopes: ReadonlySet<string>
  /** True for tokens of an issuer outside: its applications are not in our directory. */
  external?: boolean
}
