import type { Context } from '../config/context.ts'
import { TokenError } from '../identity/access-tokens.ts'
import type { Principal } from '../identity/principal.ts'
import { GraphError } from './errors.ts'
import { parsePath } from './odata/path.ts'
import { checkQueryOptions, parseQueryOptions } from './odata/query-options.ts'
import type { GraphRequest, GraphResponse, GraphVersion, Operation } from './operation.ts'
import type { Router } from './router.ts'

/** A request as it arrives, over HTTP or inside a $batch. */
export interface IncomingGraphRequest {
  version: GraphVersion
  method: string
  /** After the version, still percent-encoded, without the query. */
  path: string
  query: string
  headers: Readonly<Record<string, string | undefined>>
  body: Uint8Array | undefined
  origin: string
  address: string
}

const anonymous: Principal = { kind: 'app', tenantId: '', appId: '', objectId: '', roles: new Set(), scopes: new Set() }

/** Authenticate, find the operation, check permissions and options, and run it. Throws GraphError. */
export async function dispatch(incoming: IncomingGraphRequest, router: Router, context: Context): Promise<GraphResponse> {
  const segments = parsePath(incoming.path)
  const open = isAnonymous(router, incoming, segments)
  const principal = open ? anonymous : await authenticate(incoming.headers.authorization, incoming.origin, context)
  const { operation, keys } = router.match(incoming.version, incoming.method, segments)
  if (!open) authorize(principal, operation)
  checkAccept(incoming.headers.accept, operation)
  const query = parseQueryOptions(incoming.query)
  checkQueryOptions(query, operation.queryOptions)
  const request: GraphRequest = {
    version: incoming.version,
    method: operation.method,
    keys,
    query,
    headers: incoming.headers,
    body: incoming.body,
    principal,
    origin: incoming.origin,
    address: incoming.address,
  }
  return operation.handle(request, context)
}

function isAnonymous(router: Router, incoming: IncomingGraphRequest, segments: readonly string[]): boolean {
  try {
    return router.match(incoming.version, incoming.method, segments).operation.anonymous === true
  } catch {
    // An unknown path is told only to those who have shown a token.
    return false
  }
}

/** Who is calling, by the Authorization header. Throws GraphError 401 or 429. */
export async function authenticate(authorization: string | undefined, origin: string, context: Context): Promise<Principal> {
  const token = /^Bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw unauthorized('tokenEmpty', undefined, origin)
  const principal = await context.accessTokens.verify(token).catch((error: unknown) => {
    if (error instanceof TokenError) throw unauthorized('tokenInvalid', error.message, origin)
    throw error
  })
  await checkApplication(principal, origin, context)
  const wait = context.graphThrottle.take(principal.appId)
  if (wait > 0) throw new GraphError('tooManyRequests', { headers: { 'Retry-After': String(wait) } })
  return principal
}

/** An application that was deleted or disabled loses its tokens at once. Applications of outside issuers are not ours. */
async function checkApplication(principal: Principal, origin: string, context: Context): Promise<void> {
  if (principal.external === true) return
  const application = await context.directory.findApplicationByClientId(principal.appId)
  if (application === undefined || application.enabled === 0) throw unauthorized('applicationGone', undefined, origin)
}

function unauthorized(
  name: 'tokenEmpty' | 'tokenInvalid' | 'applicationGone',
  message: string | undefined,
  origin: string,
): GraphError {
  const challenge = `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
  return new GraphError(name, { ...(message === undefined ? {} : { message }), headers: { 'WWW-Authenticate': challenge } })
}

function authorize(principal: Principal, { permissions }: Operation): void {
  const [held, wanted] =
    principal.kind === 'app' ? [principal.roles, permissions.application] : [principal.scopes, permissions.delegated]
  if (!wanted.some((permission) => held.has(permission))) throw new GraphError('insufficientPrivileges')
}

function checkAccept(accept: string | undefined, operation: Operation): void {
  if (accept === undefined || accept.trim() === '') return
  const produced = ['application/json', ...(operation.produces ?? [])]
  const acceptable = accept.split(',').some((range) => {
    const type = range.split(';')[0]!.trim().toLowerCase()
    return type === '*/*' || produced.some((each) => each === type || type === `${each.split('/')[0]}/*`)
  })
  if (!acceptable) throw new GraphError('notAcceptable')
}
