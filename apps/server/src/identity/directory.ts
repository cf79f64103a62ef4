import { createHash, randomBytes, randomUUID, X509Certificate } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import { isGuid } from '../common/guid.ts'
import { addYears, parseInstant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import { type LookUp, lookUp } from '../store/look-up.ts'
import type { Schema } from '../store/schema.ts'
import type { ApplicationsTable, CredentialsTable } from '../store/tables/applications.ts'
import type { TenantsTable } from '../store/tables/tenants.ts'
import type { UsersTable } from '../store/tables/users.ts'
import { DirectoryError } from './directory-error.ts'
import { endSignIns } from './end-sign-ins.ts'
import { applicationPermissions } from './permissions.ts'
import { checkedRedirectUris } from './redirect-uris.ts'
import { hashSecret, newSecret, secretHint } from './secret-hash.ts'

type DirectoryTable = 'tenants' | 'users' | 'applications' | 'credentials'

export type Tenant = Selectable<TenantsTable>
export type User = Selectable<UsersTable>
export type Application = Selectable<ApplicationsTable>
export type Credential = Selectable<CredentialsTable>

export interface NewUser {
  id?: string
  tenantId: string
  upn: string
  displayName: string
  mail?: string | null
  password?: string
  isAdmin?: boolean
}

export interface NewApplication {
  id?: string
  clientId?: string
  tenantId: string
  displayName: string
  roles: readonly string[]
  redirectUris?: readonly string[]
  isPublic?: boolean
}

const domainForm = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
const upnForm = /^[^\s@]{1,64}@[^\s@]{1,190}$/

/** Tenants, people and applications: the rules and the SQL of the directory. */
export class Directory {
  readonly #db: Database
  readonly #clock: Clock

  readonly #userById: LookUp<User>
  readonly #applicationByClientId: LookUp<Application>
  readonly #tenantById: LookUp<Tenant>
  readonly #tenantByDomain: LookUp<Tenant>

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    // What every request of an application looks up.
    const tenants = db.selectFrom('tenants').selectAll()
    const users = db.selectFrom('users').selectAll()
    const applications = db.selectFrom('applications').selectAll()
    this.#userById = lookUp(db, () => users.where('id', '=', '').where('tenant_id', '=', '').compile())
    this.#applicationByClientId = lookUp(db, () => applications.where('client_id', '=', '').compile())
    this.#tenantById = lookUp(db, () => tenants.where('id', '=', '').compile())
    this.#tenantByDomain = lookUp(db, () => tenants.where('domain', '=', '').compile())
  }

  async hasTenants(): Promise<boolean> {
    return (await this.#db.selectFrom('tenants').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  async listTenants(): Promise<Tenant[]> {
    return this.#db.selectFrom('tenants').selectAll().orderBy('domain').execute()
  }

  /** A tenant by its GUID or its domain. */
  async findTenant(idOrDomain: string): Promise<Tenant | undefined> {
    const key = idOrDomain.toLowerCase()
    return isGuid(key) ? this.#tenantById(key) : this.#tenantByDomain(key)
  }

  async findTenantByDialinId(dialinId: string): Promise<Tenant | undefined> {
    return this.#db.selectFrom('tenants').selectAll().where('dialin_id', '=', dialinId.toLowerCase()).executeTakeFirst()
  }

  /** Throws DirectoryError when the id or the domain is malformed or taken. */
  async createTenant(tenant: { id?: string; domain: string; displayName: string }): Promise<Tenant> {
    const domain = tenant.domain.toLowerCase()
    if (!domainForm.test(domain)) throw new DirectoryError('invalid', 'domain', `"${tenant.domain}" is not a domain name`)
    const row: Insertable<TenantsTable> = {
      id: checkedId(tenant.id),
      domain,
      display_name: checkedName(tenant.displayName),
      dialin_id: randomUUID(),
      created_at: this.#clock.now(),
    }
    return this.#insert('tenants', row, 'a tenant of this id or domain exists already')
  }

  /** Delete a tenant with its people, applications and meetings. False when there is none. */
  async deleteTenant(id: string): Promise<boolean> {
    return this.#delete('tenants', id)
  }

  async listUsers(tenantId: string): Promise<User[]> {
    return this.#db.selectFrom('users').selectAll().where('tenant_id', '=', tenantId).orderBy('upn_key').execute()
  }

  async findUser(tenantId: string, id: string): Promise<User | undefined> {
    return this.#userById(id.toLowerCase(), tenantId)
  }

  async findUserByUpn(upn: string): Promise<User | undefined> {
    return this.#db.selectFrom('users').selectAll().where('upn_key', '=', upn.toLowerCase()).executeTakeFirst()
  }

  /** Throws DirectoryError when the upn is malformed or taken. */
  async createUser(user: NewUser): Promise<User> {
    if (!upnForm.test(user.upn)) throw new DirectoryError('invalid', 'upn', `"${user.upn}" has not the form name@domain`)
    const row: Insertable<UsersTable> = {
      id: checkedId(user.id),
      tenant_id: user.tenantId,
      upn: user.upn,
      upn_key: user.upn.toLowerCase(),
      mail: user.mail ?? user.upn,
      display_name: checkedName(user.displayName),
      password_hash: user.password === undefined ? null : await hashSecret(user.password),
      enabled: 1,
      is_admin: user.isAdmin === true ? 1 : 0,
      created_at: this.#clock.now(),
    }
    return this.#insert('users', row, 'a user of this id or upn exists already')
  }

  /** Set or take away (null) a password. Ends everything the person has signed in. Throws DirectoryError for a short or long one. */
  async setPassword(userId: string, password: string | null): Promise<void> {
    if (password !== null && (password.length < 8 || password.length > 1024))
      throw new DirectoryError('invalid', 'password', 'a password has 8 to 1024 characters')
    const hash = password === null ? null : await hashSecret(password)
    await this.#db.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute()
    await endSignIns(this.#db, userId)
  }

  /** How somebody is called and where mail reaches them. Throws DirectoryError. */
  async setUserNames(userId: string, names: { displayName: string; mail: string | null }): Promise<void> {
    if (names.mail !== null && !upnForm.test(names.mail))
      throw new DirectoryError('invalid', 'mail', `"${names.mail.slice(0, 100)}" has not the form name@domain`)
    await this.#db
      .updateTable('users')
      .set({ display_name: checkedName(names.displayName), mail: names.mail })
      .where('id', '=', userId)
      .execute()
  }

  /** Make somebody an administrator of their tenant, or no longer. */
  async setAdmin(userId: string, isAdmin: boolean): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ is_admin: isAdmin ? 1 : 0 })
      .where('id', '=', userId)
      .execute()
  }

  /** Let somebody sign in, or no longer; disabling ends everything they have signed in. */
  async setUserEnabled(userId: string, enabled: boolean): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ enabled: enabled ? 1 : 0 })
      .where('id', '=', userId)
      .execute()
    if (!enabled) await endSignIns(this.#db, userId)
  }

  async deleteUser(id: string): Promise<boolean> {
    await endSignIns(this.#db, id.toLowerCase())
    return this.#delete('users', id)
  }

  async listApplications(tenantId: string): Promise<Application[]> {
    return this.#db.selectFrom('applications').selectAll().where('tenant_id', '=', tenantId).orderBy('display_name').execute()
  }

  async findApplicationByClientId(clientId: string): Promise<Application | undefined> {
    return this.#applicationByClientId(clientId.toLowerCase())
  }

  /** An application by object id or client id. */
  async findApplication(id: string): Promise<Application | undefined> {
    const key = id.toLowerCase()
    return this.#db
      .selectFrom('applications')
      .selectAll()
      .where((where) => where.or([where('id', '=', key), where('client_id', '=', key)]))
      .executeTakeFirst()
  }

  /** Throws DirectoryError for a role that does not exist. */
  async createApplication(app: NewApplication): Promise<Application> {
    const row: Insertable<ApplicationsTable> = {
      id: checkedId(app.id),
      client_id: checkedId(app.clientId),
      service_principal_id: randomUUID(),
      tenant_id: app.tenantId,
      display_name: checkedName(app.displayName),
      roles: JSON.stringify(checkedRoles(app.roles)),
      enabled: 1,
      redirect_uris: JSON.stringify(checkedRedirectUris(app.redirectUris ?? [])),
      is_public: app.isPublic === true ? 1 : 0,
      created_at: this.#clock.now(),
    }
    return this.#insert('applications', row, 'an application of this id exists already')
  }

  async deleteApplication(id: string): Promise<boolean> {
    return this.#delete('applications', id)
  }

  /** Where people may be sent back to after signing in, replacing what was there. Throws DirectoryError for one that is unsafe. */
  async setRedirectUris(applicationId: string, redirectUris: readonly string[]): Promise<void> {
    await this.#db
      .updateTable('applications')
      .set({ redirect_uris: JSON.stringify(checkedRedirectUris(redirectUris)) })
      .where('id', '=', applicationId)
      .execute()
  }

  /** Whether an application can keep no secret (public), or must prove itself with one. */
  async setPublic(applicationId: string, isPublic: boolean): Promise<void> {
    await this.#db
      .updateTable('applications')
      .set({ is_public: isPublic ? 1 : 0 })
      .where('id', '=', applicationId)
      .execute()
  }

  async setApplicationEnabled(applicationId: string, enabled: boolean): Promise<void> {
    await this.#db
      .updateTable('applications')
      .set({ enabled: enabled ? 1 : 0 })
      .where('id', '=', applicationId)
      .execute()
  }

  async deleteCredential(applicationId: string, credentialId: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('credentials')
      .where('id', '=', credentialId)
      .where('application_id', '=', applicationId)
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** Replace the roles granted to an application. */
  async grant(applicationId: string, roles: readonly string[]): Promise<void> {
    await this.#db
      .updateTable('applications')
      .set({ roles: JSON.stringify(checkedRoles(roles)) })
      .where('id', '=', applicationId)
      .execute()
  }

  async credentialsOf(applicationId: string): Promise<Credential[]> {
    return this.#db
      .selectFrom('credentials')
      .selectAll()
      .where('application_id', '=', applicationId)
      .orderBy('created_at')
      .execute()
  }

  /** Make a secret; only its hash is kept, so this is the one time it is seen. */
  async addSecret(
    applicationId: string,
    options: { displayName?: string; years?: number },
  ): Promise<{ secret: string; credential: Credential }> {
    const secret = newSecret()
    const now = this.#clock.now()
    const credential = await this.#insert(
      'credentials',
      {
        id: randomUUID(),
        application_id: applicationId,
        kind: 'secret',
        display_name: options.displayName ?? null,
        value: await hashSecret(secret),
        hint: secretHint(secret),
        thumbprint_sha1: null,
        thumbprint_sha256: null,
        expires_at: addYears(now, options.years ?? 2),
        created_at: now,
      },
      'credential',
    )
    return { secret, credential }
  }

  /** Register a certificate (PEM) for client assertions. Throws DirectoryError when it cannot be read or is no RSA key. */
  async addCertificate(applicationId: string, pem: string, displayName?: string): Promise<Credential> {
    const certificate = readCertificate(pem)
    const thumbprint = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest('base64url')
    return this.#insert(
      'credentials',
      {
        id: randomUUID(),
        application_id: applicationId,
        kind: 'certificate',
        display_name: displayName ?? certificate.subject,
        value: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        hint: null,
        thumbprint_sha1: thumbprint('sha1'),
        thumbprint_sha256: thumbprint('sha256'),
        expires_at: parseInstant(new Date(certificate.validTo).toISOString())!,
        created_at: this.#clock.now(),
      },
      'credential',
    )
  }

  async #insert<T extends DirectoryTable>(table: T, row: Insertable<Schema[T]>, taken: string): Promise<Selectable<Schema[T]>> {
    const inserted = await this.#db
      .insertInto(table as DirectoryTable)
      .values(row as never)
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (inserted === undefined) throw new DirectoryError('exists', 'id', taken)
    return inserted as unknown as Selectable<Schema[T]>
  }

  async #delete(table: 'tenants' | 'users' | 'applications', id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom(table).where('id', '=', id.toLowerCase()).executeTakeFirst()
    return result.numDeletedRows > 0n
  }
}

/** A password that nobody chose, for the demo's people. */
export function newPassword(): string {
  return randomBytes(12).toString('base64url')
}

function checkedId(id: string | undefined): string {
  if (id === undefined) return randomUUID()
  if (!isGuid(id)) throw new DirectoryError('invalid', 'id', `"${id}" is not a GUID`)
  return id.toLowerCase()
}

function checkedName(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > 256)
    throw new DirectoryError('invalid', 'displayName', 'a display name has 1 to 256 characters')
  return trimmed
}

function checkedRoles(roles: readonly string[]): string[] {
  const known = new Set<string>(applicationPermissions)
  const unknown = roles.find((role) => !known.has(role))
  if (unknown !== undefined)
    throw new DirectoryError(
      'invalid',
      'roles',
      `"${unknown}" is not a permission Parley knows (${applicationPermissions.join(', ')})`,
    )
  return [...new Set(roles)]
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
