import type { Selectable } from 'kysely'
import type { Clock } from '../common/clock.ts'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import { type LookUp, lookUp } from '../store/look-up.ts'
import type { UsersTable } from '../store/tables/users.ts'
import { DirectoryError } from './directory-error.ts'
import { checkedId, checkedName, inserted } from './directory-rules.ts'
import { endSignIns } from './end-sign-ins.ts'
import { hashSecret } from './secret-hash.ts'

/** A person of a tenant. */
export interface User {
  id: string
  tenantId: string
  upn: string
  /** The upn in lower case, unique in the whole server. */
  upnKey: string
  mail: string | null
  displayName: string
  /** scrypt; null for people who cannot sign in with a password. */
  passwordHash: string | null
  enabled: boolean
  /** Administrates their tenant. */
  isAdmin: boolean
  createdAt: Instant
}

export interface NewUser {
  id?: string
  tenantId: string
  upn: string
  displayName: string
  mail?: string | null
  password?: string
  isAdmin?: boolean
}

const upnForm = /^[^\s@]{1,64}@[^\s@]{1,190}$/

/** A stored row as the server speaks of it. */
export function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    upn: row.upn,
    upnKey: row.upn_key,
    mail: row.mail,
    displayName: row.display_name,
    passwordHash: row.password_hash,
    enabled: row.enabled === 1,
    isAdmin: row.is_admin === 1,
    createdAt: row.created_at,
  }
}

/** The rules and the SQL of people. */
export class Users {
  readonly #db: Database
  readonly #clock: Clock
  readonly #byId: LookUp<Selectable<UsersTable>>

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    const users = db.selectFrom('users').selectAll()
    this.#byId = lookUp(db, () => users.where('id', '=', '').where('tenant_id', '=', '').compile())
  }

  async list(tenantId: string): Promise<User[]> {
    const query = this.#db.selectFrom('users').selectAll().where('tenant_id', '=', tenantId).orderBy('upn_key')
    return (await query.execute()).map(toUser)
  }

  async find(tenantId: string, id: string): Promise<User | undefined> {
    const row = await this.#byId(id.toLowerCase(), tenantId)
    return row && toUser(row)
  }

  async findByUpn(upn: string): Promise<User | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where('upn_key', '=', upn.toLowerCase()).executeTakeFirst()
    return row && toUser(row)
  }

  /** Throws DirectoryError when the upn is malformed or taken. */
  async create(user: NewUser): Promise<User> {
    if (!upnForm.test(user.upn)) throw new DirectoryError('invalid', 'upn', `"${user.upn}" has not the form name@domain`)
    const row = await this.#db
      .insertInto('users')
      .values({
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
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return toUser(inserted(row, 'a user of this id or upn exists already'))
  }

  /** Set or take away (null) a password. Ends everything the person has signed in. Throws DirectoryError for a short or long one. */
  async setPassword(userId: string, password: string | null): Promise<void> {
    if (password !== null && (password.length < 8 || password.length > 1024))
      throw new DirectoryError('invalid', 'password', 'a password has 8 to 1024 characters')
    await this.#set(userId, { password_hash: password === null ? null : await hashSecret(password) })
    await endSignIns(this.#db, userId)
  }

  /** How somebody is called and where mail reaches them. Throws DirectoryError. */
  async setNames(userId: string, names: { displayName: string; mail: string | null }): Promise<void> {
    if (names.mail !== null && !upnForm.test(names.mail))
      throw new DirectoryError('invalid', 'mail', `"${names.mail.slice(0, 100)}" has not the form name@domain`)
    await this.#set(userId, { display_name: checkedName(names.displayName), mail: names.mail })
  }

  /** Make somebody an administrator of their tenant, or no longer. */
  async setAdmin(userId: string, isAdmin: boolean): Promise<void> {
    await this.#set(userId, { is_admin: isAdmin ? 1 : 0 })
  }

  /** Let somebody sign in, or no longer; disabling ends everything they have signed in. */
  async setEnabled(userId: string, enabled: boolean): Promise<void> {
    await this.#set(userId, { enabled: enabled ? 1 : 0 })
    if (!enabled) await endSignIns(this.#db, userId)
  }

  async delete(id: string): Promise<boolean> {
    await endSignIns(this.#db, id.toLowerCase())
    const result = await this.#db.deleteFrom('users').where('id', '=', id.toLowerCase()).executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  async #set(userId: string, change: Partial<Selectable<UsersTable>>): Promise<void> {
    await this.#db.updateTable('users').set(change).where('id', '=', userId).execute()
  }
}
