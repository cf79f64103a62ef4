import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../common/clock.ts'
import { readCookie, writeCookie } from '../common/cookies.ts'
import { addMillis, type Instant } from '../common/instant.ts'
import type { Config } from '../config/config.ts'
import { originOf } from '../http/origin.ts'
import type { Database } from '../store/database.ts'
import type { User } from './directory.ts'

/** A person of the directory whose browser is signed in. */
export interface SignedInUser {
  id: string
  tenantId: string
  upn: string
  displayName: string
  /** Of their tenant. */
  isAdmin: boolean
  /** Of the whole server: an administrator of the tenant that was made first. */
  isServerAdmin: boolean
}

/** A session, with what its pages need to know besides who it is. */
export interface Session {
  user: SignedInUser
  /** Names the session without being able to open it. */
  idHash: string
  signedInAt: Instant
  /** What every form of this session must carry (see `checkCsrf`). */
  csrf: string
}

/** What is read of a request: Fastify's and Node's both have it. */
export type SessionRequest = { raw: IncomingMessage }

/** Seconds a sign-in lasts: one week. */
export const sessionLifetime = 7 * 86_400

const idForm = /^[A-Za-z0-9_-]{43}$/

/** Sign-ins of browsers: a random cookie, of which the database holds only the hash. */
export class Sessions {
  readonly #db: Database
  readonly #clock: Clock
  readonly #config: Config

  constructor(db: Database, clock: Clock, config: Config) {
    this.#db = db
    this.#clock = clock
    this.#config = config
  }

  /** Who a request comes from, or null. A deleted or disabled person is signed out at once. */
  async sessionOf(request: SessionRequest): Promise<SignedInUser | null> {
    return (await this.find(request))?.user ?? null
  }

  /** The whole session of a request, or undefined. */
  async find(request: SessionRequest): Promise<Session | undefined> {
    const id = this.#idOf(request)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.id', 'users.tenant_id', 'users.upn', 'users.display_name', 'users.is_admin'])
      .select(['sessions.created_at as signed_in_at', 'sessions.id_hash'])
      .select((select) =>
        select
          .selectFrom('tenants')
          .select('tenants.id')
          .orderBy('tenants.created_at')
          .orderBy('tenants.id')
          .limit(1)
          .as('first_tenant'),
      )
      .where('sessions.id_hash', '=', hashOf(id))
      .where('sessions.expires_at', '>', this.#clock.now())
      .where('users.enabled', '=', 1)
      .executeTakeFirst()
    if (row === undefined) return undefined
    return {
      user: {
        id: row.id,
        tenantId: row.tenant_id,
        upn: row.upn,
        displayName: row.display_name,
        isAdmin: row.is_admin === 1,
        isServerAdmin: row.is_admin === 1 && row.first_tenant === row.tenant_id,
      },
      idHash: row.id_hash,
      signedInAt: row.signed_in_at,
      csrf: csrfOf(id),
    }
  }

  /** Sign somebody in. Returns the Set-Cookie header; the session the browser had before ends. */
  async start(request: SessionRequest, user: Pick<User, 'id' | 'tenantId'>): Promise<string> {
    const id = randomBytes(32).toString('base64url')
    const now = this.#clock.now()
    await this.end(request)
    await this.#db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
    await this.#db
      .insertInto('sessions')
      .values({
        id_hash: hashOf(id),
        user_id: user.id,
        tenant_id: user.tenantId,
        created_at: now,
        expires_at: addMillis(now, sessionLifetime * 1000),
        address: request.raw.socket.remoteAddress ?? '',
        user_agent: (request.raw.headers['user-agent'] ?? '').slice(0, 200),
      })
      .execute()
    return this.#cookie(request, id, sessionLifetime)
  }

  /** End the session of a request, if it has one. Returns the Set-Cookie header that deletes the cookie. */
  async end(request: SessionRequest): Promise<string> {
    const id = this.#idOf(request)
    if (id !== undefined) await this.#db.deleteFrom('sessions').where('id_hash', '=', hashOf(id)).execute()
    return this.#cookie(request, '', 0)
  }

  /** End every session of a person: after a new password, or when they lost a device. */
  async endAll(userId: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('user_id', '=', userId).execute()
  }

  /** A person's sessions that have not expired, newest first. */
  async list(userId: string): Promise<{ id_hash: string; address: string; user_agent: string; created_at: Instant }[]> {
    return this.#db
      .selectFrom('sessions')
      .select(['id_hash', 'address', 'user_agent', 'created_at'])
      .where('user_id', '=', userId)
      .where('expires_at', '>', this.#clock.now())
      .orderBy('created_at', 'desc')
      .execute()
  }

  /** End one session of a person, by its hash. */
  async endOne(userId: string, idHash: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('user_id', '=', userId).where('id_hash', '=', idHash).execute()
  }

  #idOf(request: SessionRequest): string | undefined {
    const id = readCookie(request.raw.headers.cookie, this.#name(request))
    return id !== undefined && idForm.test(id) ? id : undefined
  }

  #cookie(request: SessionRequest, id: string, maxAge: number): string {
    return writeCookie(this.#name(request), id, { secure: this.#isSecure(request), maxAge })
  }

  /** Two names, because a browser lets no http page replace a cookie that https has set. */
  #name(request: SessionRequest): string {
    return this.#isSecure(request) ? '__Host-parley-session' : 'parley-session'
  }

  #isSecure(request: SessionRequest): boolean {
    return originOf(request, this.#config).startsWith('https:')
  }
}

/** Whether a form carries the token of the session it was made for; compared in constant time. */
export function isCsrfToken(session: Session, sent: string | null | undefined): boolean {
  const [expected, actual] = [Buffer.from(session.csrf), Buffer.from(sent ?? '')]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

/** Follows from the cookie, which no other site can read, so that nothing needs to be stored. */
function csrfOf(id: string): string {
  return createHmac('sha256', id).update('parley csrf').digest('base64url')
}
