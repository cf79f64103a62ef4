import { randomUUID } from 'node:crypto'
import type { Clock } from '../common/clock.ts'
import type { Database } from '../store/database.ts'

/** A named list of applications (client ids). */
export interface AccessPolicy {
  id: string
  name: string
  appIds: string[]
  /** User ids it is granted to; `tenant` for the whole tenant. */
  grantedTo: string[]
}

/** What is wrong with an edit of policies, and which member. */
export class AccessPolicyError extends Error {
  readonly member: 'name' | 'appIds' | 'userId'
  constructor(member: 'name' | 'appIds' | 'userId', message: string) {
    super(message)
    this.name = 'AccessPolicyError'
    this.member = member
  }
}

const wholeTenant = ''
const guidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Application access policies (contract B.18): which application may act for which user, where the mode is strict. */
export class AccessPolicies {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Whether an application may act for a user: by the user's own policy, or else by the tenant's. */
  async allows(tenantId: string, userId: string, appId: string): Promise<boolean> {
    const policy = await this.#effective(tenantId, userId)
    return policy?.appIds.includes(appId.toLowerCase()) === true
  }

  /** Why `allows` says no, for an administrator. */
  async explain(tenantId: string, userId: string, appId: string): Promise<string> {
    const policy = await this.#effective(tenantId, userId)
    if (policy === undefined) return 'no application access policy is granted to the user or to the tenant'
    if (policy.appIds.includes(appId.toLowerCase())) return 'the application is allowed'
    const whose = policy.own ? "the user's own policy" : "the tenant's policy"
    return `${whose} "${policy.name}" does not list the application`
  }

  async list(tenantId: string): Promise<AccessPolicy[]> {
    const policies = await this.#db
      .selectFrom('access_policies')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('name')
      .execute()
    const grants = await this.#db.selectFrom('access_policy_grants').selectAll().where('tenant_id', '=', tenantId).execute()
    return policies.map((policy) => ({
      id: policy.id,
      name: policy.name,
      appIds: JSON.parse(policy.app_ids) as string[],
      grantedTo: grants
        .filter(({ policy_id }) => policy_id === policy.id)
        .map(({ user_id }) => (user_id === wholeTenant ? 'tenant' : user_id)),
    }))
  }

  /** Make a policy, or replace the applications of the one of this name. Throws AccessPolicyError. */
  async set(tenantId: string, name: string, appIds: readonly string[]): Promise<void> {
    const trimmed = name.trim()
    if (trimmed === '' || trimmed.length > 128) throw new AccessPolicyError('name', 'a policy name has 1 to 128 characters')
    const wrong = appIds.find((id) => !guidForm.test(id))
    if (wrong !== undefined) throw new AccessPolicyError('appIds', `"${wrong}" is not a client id (a GUID)`)
    const app_ids = JSON.stringify([...new Set(appIds.map((id) => id.toLowerCase()))])
    await this.#db
      .insertInto('access_policies')
      .values({ id: randomUUID(), tenant_id: tenantId, name: trimmed, app_ids, created_at: this.#clock.now() })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet({ app_ids }))
      .execute()
  }

  /** Delete a policy with its grants. False when there is none of this name. */
  async delete(tenantId: string, name: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('access_policies')
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name.trim())
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** Grant a policy to a user, or (userId null) to the whole tenant; whoever had another one has this one now. */
  async grant(tenantId: string, name: string, userId: string | null): Promise<void> {
    if (userId !== null && !guidForm.test(userId)) throw new AccessPolicyError('userId', `"${userId}" is not an object id`)
    const policy = await this.#db
      .selectFrom('access_policies')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name.trim())
      .executeTakeFirst()
    if (policy === undefined) throw new AccessPolicyError('name', `there is no policy "${name}"`)
    const row = { policy_id: policy.id, granted_at: this.#clock.now() }
    await this.#db
      .insertInto('access_policy_grants')
      .values({ tenant_id: tenantId, user_id: userId?.toLowerCase() ?? wholeTenant, ...row })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet(row))
      .execute()
  }

  /** Take a grant back. False when there was none. */
  async revoke(tenantId: string, userId: string | null): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('access_policy_grants')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId?.toLowerCase() ?? wholeTenant)
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  async #effective(tenantId: string, userId: string): Promise<{ name: string; appIds: string[]; own: boolean } | undefined> {
    const rows = await this.#db
      .selectFrom('access_policy_grants')
      .innerJoin('access_policies', 'access_policies.id', 'access_policy_grants.policy_id')
      .select(['access_policy_grants.user_id', 'access_policies.name', 'access_policies.app_ids'])
      .where('access_policy_grants.tenant_id', '=', tenantId)
      .where('access_policy_grants.user_id', 'in', [userId, wholeTenant])
      .execute()
    const row = rows.find(({ user_id }) => user_id !== wholeTenant) ?? rows[0]
    return row && { name: row.name, appIds: JSON.parse(row.app_ids) as string[], own: row.user_id !== wholeTenant }
  }
}
