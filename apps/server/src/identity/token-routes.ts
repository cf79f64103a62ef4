import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readFields } from '../common/form-fields.ts'
import { originOf } from '../http/origin.ts'
import type { IdentityContext } from './identity-context.ts'
import { OAuthError } from './oauth-errors.ts'
import { delegatedGrants } from './oidc/clients.ts'
import { passOn } from './oidc/provider-request.ts'
import { readScopes } from './oidc/scopes.ts'
import type { TokenAnswer, TokenRequest } from './token-service.ts'

const openHeaders = { 'Cache-Control': 'no-store', Pragma: 'no-cache', 'Access-Control-Allow-Origin': '*' }

interface TenantRoute {
  Params: { tenant: string }
}

/** The token endpoint, discovery and keys under `/{tenant}` (contract D). */
export async function tokenRoutes(app: FastifyInstance, context: IdentityContext): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 64 * 1024 }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => sendOAuthError(context, request, reply, error))
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.headers(openHeaders)
    return payload
  })

  app.post<TenantRoute>('/:tenant/oauth2/v2.0/token', async (request, reply) => {
    const form = readForm(request)
    const grant = delegatedGrants.get(form.get('grant_type') ?? '')
    if (grant !== undefined) return answerDelegated(context, request, reply, form, grant)
    return context.tokenService.answer(tokenRequest(context, request, form))
  })
  app.post<TenantRoute>('/:tenant/oauth2/token', async (request) => {
    const asked = { ...tokenRequest(context, request, readForm(request)), v1: true }
    return inV1(await context.tokenService.answer(asked), asked.form.get('resource') ?? '', context.clock.millis())
  })
  app.post<TenantRoute>('/:tenant/oauth2/v2.0/devicecode', async (request, reply) =>
    answerDelegated(context, request, reply, readForm(request), null),
  )
  for (const path of ['/:tenant/oauth2/v2.0/token', '/:tenant/oauth2/token'])
    app.get<TenantRoute>(path, async () => {
      throw new OAuthError('AADSTS900561')
    })
  for (const path of ['/:tenant/v2.0/.well-known/openid-configuration', '/:tenant/.well-known/openid-configuration'])
    app.get<TenantRoute>(path, async (request) => {
      const origin = originOf(request, context.config)
      return discovery(origin, await issuerTenant(context, request.params.tenant), request.params.tenant)
    })
  for (const path of ['/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys'])
    app.get<TenantRoute>(path, async (request) => {
      const issuer = context.accessTokens.issuerOf(await issuerTenant(context, request.params.tenant))
      return { keys: (await context.signingKeys.publicSet()).map((key) => ({ ...key, issuer })) }
    })
  app.route({
    method: ['GET', 'POST'],
    url: '/oidc/userinfo',
    handler: async (request, reply) => userInfo(context, request, reply),
  })
  app.options('/:tenant/oauth2/v2.0/token', async (_request, reply) =>
    reply.code(204).header('Access-Control-Allow-Methods', 'POST, OPTIONS').header('Access-Control-Allow-Headers', '*').send(),
  )
}

/** The tenant in an issuer's address; for people of any tenant the place it will stand in, as Entra writes it. Throws OAuthError. */
async function issuerTenant(context: IdentityContext, name: string): Promise<string> {
  if (/^(common|organizations)$/i.test(name)) return '{tenantid}'
  return (await context.tokenService.tenant(name)).id
}

function readForm(request: FastifyRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) throw new OAuthError('AADSTS900144', "'grant_type'.")
  const form = readFields((request.body as Buffer | undefined)?.toString('utf8') ?? '')
  if (form === undefined) throw new OAuthError('AADSTS9002313')
  return form
}

function tokenRequest(context: IdentityContext, request: FastifyRequest<TenantRoute>, form: URLSearchParams): TokenRequest {
  return {
    tenant: request.params.tenant,
    form,
    authorization: request.headers.authorization,
    address: request.ip,
    origin: originOf(request, context.config),
  }
}

/** The answer as the v1 endpoint gives it: numbers as text, the times besides the span, and the resource. */
function inV1(answer: TokenAnswer, resource: string, millis: number): Record<string, string> {
  const now = Math.floor(millis / 1000)
  return {
    token_type: answer.token_type,
    expires_in: String(answer.expires_in),
    ext_expires_in: String(answer.ext_expires_in),
    expires_on: String(now + answer.expires_in),
    not_before: String(now),
    resource,
    access_token: answer.access_token,
  }
}

/** Who a token's person is (OpenID Connect Core section 5.3). */
async function userInfo(context: IdentityContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const token = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1]
  const principal = token === undefined ? undefined : await context.accessTokens.verify(token).catch(() => undefined)
  const person =
    principal?.kind === 'user' && principal.external !== true && principal.scopes.has('openid')
      ? await context.directory.users.find(principal.tenantId, principal.objectId)
      : undefined
  if (principal === undefined || person === undefined || !person.enabled)
    return reply.code(401).header('WWW-Authenticate', 'Bearer error="invalid_token"').send({ error: 'invalid_token' })
  return reply.send({
    sub: person.id,
    ...(principal.scopes.has('profile') ? { name: person.displayName, preferred_username: person.upn } : {}),
    ...(principal.scopes.has('email') && person.mail !== null ? { email: person.mail } : {}),
  })
}

/** Parameters that were dealt with before oidc-provider sees the request, or mean something else to it. */
const notPassedOn = ['client_secret', 'client_assertion', 'client_assertion_type', 'resource', 'claims']

/** Tokens of people: the client is proved here, the rest is oidc-provider's. `grant` is null at the device endpoint. */
async function answerDelegated(
  context: IdentityContext,
  request: FastifyRequest<TenantRoute>,
  reply: FastifyReply,
  form: URLSearchParams,
  grant: string | null,
): Promise<FastifyReply> {
  const tenant = await context.oidcProviders.tenant(request.params.tenant, form.get('client_id'))
  if (form.has('resource')) throw new OAuthError('AADSTS901002')
  const application = await context.tokenService.identify(tokenRequest(context, request, form), tenant)
  const scope = form.get('scope')
  const parameters = new URLSearchParams(form)
  for (const name of notPassedOn) parameters.delete(name)
  parameters.set('client_id', application.clientId)
  parameters.delete('scope')
  if (grant === null) parameters.set('scope', readScopes(scope, context.origins).join(' '))
  else parameters.set('grant_type', grant)
  // Everything that was allowed, when the client names no scope or `.default`.
  if (grant === 'refresh_token' && scope !== null && scope.trim() !== '' && !scope.includes('.default'))
    parameters.set('scope', readScopes(scope, context.origins).join(' '))
  const path = grant === null ? '/oauth2/v2.0/devicecode' : '/oauth2/v2.0/token'
  const provider = await context.oidcProviders.provider(tenant.id)
  reply.headers(openHeaders)
  await passOn(context, request, reply, { provider, tenantId: tenant.id, path, parameters, notes: { grant, scope } })
  return reply
}

function discovery(origin: string, tenantId: string, name: string): Record<string, unknown> {
  const base = `${origin}/${name}`
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${origin}/${tenantId}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'email'],
    tenant_region_scope: null,
    cloud_instance_name: new URL(origin).host,
    cloud_graph_host_name: new URL(origin).host,
    msgraph_host: new URL(origin).host,
    rbac_url: origin,
  }
}

/** Polling and throttling are no refusals anybody wonders about. */
const unremarkable = new Set(['AADSTS70016', 'AADSTS90055'])

/**
 * For the administrator's page: which application of which tenant got no token, and why. What strangers write is not
 * kept: unknown names, and what of a text is theirs; else they could wash everything else off the page.
 */
async function noteRefusal(context: IdentityContext, request: FastifyRequest, refusal: OAuthError): Promise<void> {
  if (unremarkable.has(refusal.code)) return
  const { tenant: name = '' } = request.params as { tenant?: string }
  const tenant = await context.directory.tenants.find(name)
  if (tenant === undefined) return
  const clientId = Buffer.isBuffer(request.body) ? readFields(request.body.toString('utf8'))?.get('client_id') : null
  const application = clientId == null ? undefined : await context.directory.applications.findByClientId(clientId)
  const appId = application?.tenantId === tenant.id ? application.clientId : ''
  context.accessRefusals.note({
    tenantId: tenant.id,
    appId,
    userId: undefined,
    operation: 'token endpoint',
    reason: refusal.summary,
  })
}

function sendOAuthError(context: IdentityContext, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode
  const refusal =
    error instanceof OAuthError ? error : status !== undefined && status < 500 ? new OAuthError('AADSTS9002313') : undefined
  if (refusal === undefined) {
    request.log.error({ err: error }, 'token endpoint failed')
    return reply.code(500).send({ error: 'server_error', error_description: 'The server met an unexpected condition.' })
  }
  const header = request.headers['client-request-id']
  const correlationId = typeof header === 'string' && header.length <= 64 ? header : randomUUID()
  if (refusal.retryAfter !== undefined) reply.header('Retry-After', refusal.retryAfter)
  request.log.info({ code: refusal.code }, 'token refused')
  noteRefusal(context, request, refusal).catch((failure: unknown) =>
    request.log.error({ err: failure }, 'a refusal was not noted'),
  )
  return reply
    .code(refusal.status)
    .send(refusal.toBody({ correlationId, origin: originOf(request, context.config), millis: context.clock.millis() }))
}
