import { isGuid } from '../../common/guid.ts'
import type { User } from '../../identity/directory.ts'
import { checkAccessPolicy } from '../access-policy.ts'
import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'

export interface Owner {
  user: User
  /** For `@odata.context`: `users('{oid}')/onlineMeetings`, under `/me` too (contract C.3). */
  context: string
  /** For `Location`. */
  path: string
}

/** Which text a refusal by the application access policy has: artifacts have one of their own (contract B.19). */
export type Access = 'meetings' | 'artifacts' | 'unpoliced'

/**
 * The user a request under `/me` or `/users/{userId}` is about. The order is Graph's: the user is looked up first (an
 * unknown one, or a UPN, is an empty 404), then the application access policy is asked. Throws GraphError.
 */
export async function ownerOf(request: GraphRequest, context: GraphContext, access: Access = 'meetings'): Promise<Owner> {
  const { principal } = request
  const key = request.keys.userId
  if (key === undefined && principal.kind === 'app') throw new GraphError('meNeedsPerson')
  const user = await findUser(key ?? principal.objectId, request, context)
  if (user === undefined) throw new GraphError('userNotFound', { message: '' })
  if (principal.kind === 'user' && user.id !== principal.objectId.toLowerCase())
    throw new GraphError('forbidden', { about: user.id, reason: 'a delegated token acts for its own user only' })
  if (principal.kind === 'app' && access !== 'unpoliced') await checkAccessPolicy(request, context, user.id, access)
  const path = `users/${user.id}/onlineMeetings`
  return { user, context: `users('${user.id}')/onlineMeetings`, path: key === undefined ? 'me/onlineMeetings' : path }
}

async function findUser(key: string, request: GraphRequest, context: GraphContext): Promise<User | undefined> {
  const { tenantId } = request.principal
  if (isGuid(key)) return context.directory.users.find(tenantId, key)
  if (!request.extensions.has('upn')) return undefined
  const user = await context.directory.users.findByUpn(key)
  return user?.tenantId === tenantId ? user : undefined
}
