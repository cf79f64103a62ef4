import type { Extension } from '../config/extensions.ts'
import type { Principal } from '../identity/principal.ts'
import { TokenError } from '../identity/token-error.ts'
import { GraphError } from './errors.ts'
import { askedExtensions } from './extensions.ts'
import { parseResourcePath, type ResourcePath } from './odata/path.ts'
import { checkQueryOptions, parseQueryOptions } from './odata/query-options.ts'
import type { GraphContext, GraphRequest, GraphResponse, GraphVersion, Operation, Subrequest } from './operation.ts'
import type { Match, Router } from './router.ts'

/** What is known of a request before its body has been read. */
export interface GraphRequestHead {
  version: GraphVersion
  method: string
  /** After the version, still percent-encoded, without the query. */
  path: string
  query: string
  headers: Readonly<Record<string, string | undefined>>
  origin: string
  address: string
}

/** A request as it arrives, over HTTP or inside a $batch. */
export interface IncomingGraphRequest extends GraphRequestHead {
  body: Uint8Array | undefined
  /** How the transport writes an error down, whatever it was: a refusal or a bug of ours. */
  toAnswer(problem: unknown, headers: Readonly<Record<string, string | undefined>>): GraphResponse
}

const anonymous: Principal = { kind: 'app', tenantId: '', appId: '', objectId: '', roles: new Set(), scopes: new Set() }

/** A request whose caller may make it, as far as its head tells. */
export interface AdmittedRequest {
  operation: Operation
  keys: Record<string, string>
  principal: Principal
  extensions: ReadonlySet<Extension>
  path: ResourcePath
}

/** Find out who calls, find the operation, and check that they may call it; the body is not needed. Throws GraphError. */
export async function admit(head: GraphRequestHead, router: Router, context: GraphContext): Promise<AdmittedRequest> {
  const path = parseResourcePath(head.path)
  const matched = match(router, head, path.segments)
  const open = !(matched instanceof GraphError) && matched.operation.anonymous === true
  const principal = open ? anonymous : await authenticate(head.headers.authorization, head.origin, context)
  // An unknown path is told only to those who have shown a token.
  if (matched instanceof GraphError) throw matched
  const { operation, keys } = matched
  const extensions = askedExtensions(head.headers, context.config.extensions)
  if (operation.extension !== undefined && !extensions.has(operation.extension)) throw router.unknown(head.version, path.segments)
  if (!open) authorize(principal, operation, context)
  return { operation, keys, principal, extensions, path }
}

/** Admit a request (unless that has been done), check its options, and run it. Throws GraphError. */
export async function dispatch(
  incoming: IncomingGraphRequest,
  router: Router,
  context: GraphContext,
  admitted?: AdmittedRequest,
): Promise<GraphResponse> {
  const { operation, keys, principal, extensions, path } = admitted ?? (await admit(incoming, router, context))
  try {
    checkAccept(incoming.headers.accept, operation)
    const query = parseQueryOptions(incoming.query)
    const extended = extensions.has('list') ? (operation.extendedQueryOptions ?? []) : []
    checkQueryOptions(query, [...operation.queryOptions, ...extended])
    const request: GraphRequest = {
      version: incoming.version,
      method: operation.method,
      root: path.segments[0]?.toLowerCase() ?? '',
      keys,
      parameters: path.parameters(),
      query,
      extensions,
      headers: incoming.headers,
      body: incoming.body,
      principal,
      origin: incoming.origin,
      address: incoming.address,
      refuse: (problem) => incoming.toAnswer(problem, incoming.headers),
      subrequest: (inner) => subrequest(inner, incoming, router, context),
    }
    return await operation.handle(request, context)
  } catch (error) {
    if (error instanceof GraphError && error.status === 403) noteRefusal(error, principal, operation, context)
    throw error
  }
}

/** A request inside this one, as the same caller. */
async function subrequest(
  inner: Subrequest,
  outer: IncomingGraphRequest,
  router: Router,
  context: GraphContext,
): Promise<GraphResponse> {
  const mark = inner.url.indexOf('?')
  const path = mark < 0 ? inner.url : inner.url.slice(0, mark)
  const query = mark < 0 ? '' : inner.url.slice(mark + 1)
  const headers = { ...inner.headers, authorization: outer.headers.authorization }
  try {
    return await dispatch({ ...outer, method: inner.method, path, query, headers, body: inner.body }, router, context)
  } catch (error) {
    return outer.toAnswer(error, headers)
  }
}

function noteRefusal(error: GraphError, principal: Principal, operation: Operation, context: GraphContext): void {
  context.accessRefusals.note({
    tenantId: principal.tenantId,
    appId: principal.appId,
    userId: error.about,
    operation: `${operation.method} ${operation.path}`,
    reason: error.reason ?? error.message,
  })
}

function match(router: Router, incoming: GraphRequestHead, segments: readonly string[]): Match | GraphError {
  try {
    return router.match(incoming.version, incoming.method, segments)
  } catch (error) {
    if (error instanceof GraphError) return error
    throw error
  }
}

/** Who is calling, by the Authorization header. Throws GraphError 401 or 429. */
async function authenticate(authorization: string | undefined, origin: string, context: GraphContext): Promise<Principal> {
  const token = /^Bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw unauthorized('tokenEmpty', undefined, origin)
  const principal = await context.accessTokens.verify(token).catch((error: unknown) => {
    if (error instanceof TokenError) throw unauthorized('tokenInvalid', error.message, origin)
    throw error
  })
  const current = await asOfNow(principal, origin, context)
  const wait = context.graphRateLimit.take(principal.appId)
  if (wait > 0) throw new GraphError('tooManyRequests', { headers: { 'Retry-After': String(wait) } })
  return current
}

/**
 * A principal with what it may do today: an application or a person that was deleted or disabled loses their tokens at once, and
 * an application each role that was taken from it. Those of outside issuers are not ours.
 */
async function asOfNow(principal: Principal, origin: string, context: GraphContext): Promise<Principal> {
  if (principal.external === true) return principal
  const application = await context.directory.applications.findByClientId(principal.appId)
  if (application === undefined || !application.enabled) throw unauthorized('applicationGone', undefined, origin)
  if (principal.kind === 'app') {
    const granted = new Set(application.roles)
    return { ...principal, roles: principal.roles.intersection(granted) }
  }
  const person = await context.directory.users.find(principal.tenantId, principal.objectId)
  if (person === undefined || !person.enabled) throw unauthorized('personGone', undefined, origin)
  return principal
}

function unauthorized(
  name: 'tokenEmpty' | 'tokenInvalid' | 'applicationGone' | 'personGone',
  message: string | undefined,
  origin: string,
): GraphError {
  const challenge = `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
  return new GraphError(name, { ...(message === undefined ? {} : { message }), headers: { 'WWW-Authenticate': challenge } })
}

function authorize(principal: Principal, operation: Operation, context: GraphContext): void {
  const { permissions, unrestricted } = operation
  if (unrestricted === true) return
  const [kind, held, wanted] =
    principal.kind === 'app'
      ? ['role', principal.roles, permissions.application]
      : ['delegated permission', principal.scopes, permissions.delegated]
  if (wanted.some((permission) => held.has(permission))) return
  const reason =
    wanted.length === 0
      ? `the operation is not there for ${principal.kind === 'app' ? 'applications' : 'people'}`
      : `the token lacks the ${kind} ${wanted.join(' or ')}`
  const error = new GraphError('insufficientPrivileges', { reason })
  noteRefusal(error, principal, operation, context)
  throw error
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
