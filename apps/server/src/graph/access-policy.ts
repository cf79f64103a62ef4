import { GraphError } from './errors.ts'
import type { GraphContext, GraphRequest } from './operation.ts'

/**
 * Whether the calling application may act for a user, where the mode is strict (contract B.18); the 2018 shape is another
 * way to the same meetings, so that it is asked there too. Throws GraphError 403 with the text of what was asked for.
 */
export async function checkAccessPolicy(
  { principal: { appId, tenantId } }: GraphRequest,
  context: GraphContext,
  userId: string,
  access: 'meetings' | 'artifacts' = 'meetings',
): Promise<void> {
  if (context.config.accessPolicy === 'open' || (await context.accessPolicies.allows(tenantId, userId, appId))) return
  const message =
    access === 'artifacts'
      ? `Application is not allowed to perform operations on the user '${userId}', neither is allowed access through RSC permission evaluation.`
      : `No application access policy found for this app: ${appId} on the user: ${userId}.`
  throw new GraphError('forbidden', {
    message,
    about: userId,
    reason: await context.accessPolicies.explain(tenantId, userId, appId),
  })
}
