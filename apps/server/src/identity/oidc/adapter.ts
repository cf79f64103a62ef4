import { createHash } from 'node:crypto'
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { Clock } from '../../common/clock.ts'
import { type Instant, instantFromMillis } from '../../common/instant.ts'
import type { Database } from '../../store/database.ts'

/** Models whose id is what a bearer shows: it is kept nowhere in clear. A device code is found by its user code too, so it is. */
const bearers = new Set(['AuthorizationCode', 'RefreshToken', 'AccessToken'])
const clientModel = 'Client'
/** Rows that need no sign-in, so that anybody can cause them; so many of one sender are kept, and so many of all. */
const anonymousModels = new Set(['Interaction', 'DeviceCode'])
export const anonymousRows = { bySender: 500, ofAll: 20_000 }
/** How often all are counted: once in so many rows. */
const countEvery = 100

/** Where oidc-provider keeps what it makes. Clients come from the directory. */
export class OidcAdapter implements Adapter {
  readonly #model: string
  readonly #db: Database
  readonly #clock: Clock
  readonly #findClient: (clientId: string) => Promise<AdapterPayload | undefined>
  readonly #sender: () => string | undefined
  #sinceCount = 0

  /** `sender` tells who the request under way comes from. */
  constructor(
    model: string,
    options: {
      db: Database
      clock: Clock
      findClient: (clientId: string) => Promise<AdapterPayload | undefined>
      sender?: () => string | undefined
    },
  ) {
    this.#model = model
    this.#db = options.db
    this.#clock = options.clock
    this.#findClient = options.findClient
    this.#sender = options.sender ?? (() => undefined)
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { jti, ...rest } = payload
    const sender = anonymousModels.has(this.#model) ? (this.#sender() ?? null) : null
    const row = {
      model: this.#model,
      payload: JSON.stringify(bearers.has(this.#model) || jti === undefined ? rest : payload),
      grant_id: payload.grantId ?? null,
      user_code: payload.userCode === undefined ? null : this.#hash(payload.userCode),
      uid: payload.uid ?? null,
      account_id: payload.accountId ?? null,
      sender,
      expires_at: expiresIn === undefined ? null : instantFromMillis(this.#clock.millis() + expiresIn * 1000),
    }
    await this.#db
      .insertInto('oidc_payloads')
      .values({ key: this.#hash(id), consumed_at: null, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute()
    if (sender !== null) await this.#makeRoom(sender)
  }

  /** The oldest rows of a sender with too many go; where all senders together have too many, those of the one with most. */
  async #makeRoom(sender: string): Promise<void> {
    await this.#keepNewest(sender, anonymousRows.bySender)
    this.#sinceCount += 1
    if (this.#sinceCount < countEvery) return
    this.#sinceCount = 0
    const bySender = await this.#db
      .selectFrom('oidc_payloads')
      .select((select) => ['sender', select.fn.countAll<number>().as('rows')])
      .where('model', '=', this.#model)
      .where('sender', 'is not', null)
      .groupBy('sender')
      .orderBy('rows', 'desc')
      .execute()
    let excess = bySender.reduce((sum, { rows }) => sum + Number(rows), 0) - anonymousRows.ofAll
    for (const { sender: each, rows } of bySender) {
      if (excess <= 0) return
      const kept = Math.max(Math.floor(Number(rows) / 2), Number(rows) - excess)
      await this.#keepNewest(each!, kept)
      excess -= Number(rows) - kept
    }
  }

  async #keepNewest(sender: string, count: number): Promise<void> {
    const row = await this.#db
      .selectFrom('oidc_payloads')
      .select('expires_at')
      .where('model', '=', this.#model)
      .where('sender', '=', sender)
      .orderBy('expires_at', 'desc')
      .offset(count)
      .limit(1)
      .executeTakeFirst()
    if (row?.expires_at == null) return
    await this.#db
      .deleteFrom('oidc_payloads')
      .where('model', '=', this.#model)
      .where('sender', '=', sender)
      .where('expires_at', '<', row.expires_at)
      .execute()
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model === clientModel) return this.#findClient(id)
    return this.#read('key', this.#hash(id), id)
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#read('user_code', this.#hash(userCode))
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#read('uid', uid)
  }

  /** One wins when two use the same code or token at once; the other gets InvalidGrant. */
  async consume(id: string): Promise<void> {
    const result = await this.#db
      .updateTable('oidc_payloads')
      .set({ consumed_at: Math.floor(this.#clock.millis() / 1000) })
      .where('key', '=', this.#hash(id))
      .where('consumed_at', 'is', null)
      .executeTakeFirst()
    if (result.numUpdatedRows !== 1n) throw new errors.InvalidGrant('already used')
  }

  async destroy(id: string): Promise<void> {
    await this.#db.deleteFrom('oidc_payloads').where('key', '=', this.#hash(id)).execute()
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#db.deleteFrom('oidc_payloads').where('grant_id', '=', grantId).execute()
  }

  async #read(column: 'key' | 'user_code' | 'uid', value: string, id?: string): Promise<AdapterPayload | undefined> {
    const row = await this.#db
      .selectFrom('oidc_payloads')
      .select(['payload', 'consumed_at', 'expires_at'])
      .where(column, '=', value)
      .where('model', '=', this.#model)
      .executeTakeFirst()
    if (row === undefined || isPast(row.expires_at, this.#clock.now())) return undefined
    const payload = JSON.parse(row.payload) as AdapterPayload
    return {
      ...payload,
      ...(id !== undefined && payload.jti === undefined ? { jti: id } : {}),
      ...(row.consumed_at === null ? {} : { consumed: row.consumed_at }),
    }
  }

  #hash(id: string): string {
    return createHash('sha256').update(`${this.#model} ${id}`).digest('base64url')
  }
}

const isPast = (instant: Instant | null, now: Instant) => instant !== null && instant <= now
