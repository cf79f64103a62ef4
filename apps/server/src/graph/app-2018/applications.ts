import { GraphError } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'

/** The navigation source of an answer, for `@odata.context` and `Location`. */
export interface Source {
  context: string
  path: string
}

/**
 * Where a request stands: `/app`, or `/applications/{id}` with the token's own application by object id or client id.
 * Another application gives 403, an unknown one 404.
 */
export async function sourceOf(request: GraphRequest, context: GraphContext): Promise<Source> {
  const id = request.keys.applicationId
  if (id === undefined) return { context: 'app/onlineMeetings', path: 'app/onlineMeetings' }
  const application = await context.directory.applications.find(id)
  if (application === undefined || application.tenantId !== request.principal.tenantId)
    throw new GraphError('applicationNotFound')
  if (application.clientId !== request.principal.appId.toLowerCase()) throw new GraphError('otherApplication')
  return { context: `applications('${application.id}')/onlineMeetings`, path: `applications/${application.id}/onlineMeetings` }
}
