import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../config/context.ts'
import { originOf } from '../http/origin.ts'
import { OAuthError } from './oauth-errors.ts'

interface TenantRoute {
  Params: { tenant: string }
}

/** The token endpoint, discovery and keys under `/{tenant}` (contract D). */
export async function tokenRoutes(app: FastifyInstance, context: Context): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 64 * 1024 }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => sendOAuthError(context, request, reply, error))
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('Cache-Control', 'no-store').header('Pragma', 'no-cache').header('Access-Control-Allow-Origin', '*')
    return payload
  })

  app.post<TenantRoute>('/:tenant/oauth2/v2.0/token', async (request) =>
    context.tokenService.answer({
      tenant: request.params.tenant,
      form: readForm(request),
      authorization: request.headers.authorization,
      address: request.ip,
      origin: originOf(request, context.config),
    }),
  )
  app.get<TenantRoute>('/:tenant/oauth2/v2.0/token', async () => {
    throw new OAuthError('AADSTS900561')
  })
  for (const path of ['/:tenant/v2.0/.well-known/openid-configuration', '/:tenant/.well-known/openid-configuration'])
    app.get<TenantRoute>(path, async (request) => {
      const tenant = await context.tokenService.tenant(request.params.tenant)
      return discovery(originOf(request, context.config), tenant.id, request.params.tenant)
    })
  app.get<TenantRoute>('/:tenant/discovery/v2.0/keys', async (request) => {
    const tenant = await context.tokenService.tenant(request.params.tenant)
    const issuer = context.accessTokens.issuerOf(tenant.id)
    return { keys: (await context.signingKeys.publicSet()).map((key) => ({ ...key, issuer })) }
  })
  app.options('/:tenant/oauth2/v2.0/token', async (_request, reply) =>
    reply.code(204).header('Access-Control-Allow-Methods', 'POST, OPTIONS').header('Access-Control-Allow-Headers', '*').send(),
  )
}

function readForm(request: FastifyRequest): URLSearchParams {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) throw new OAuthError('AADSTS900144', "'grant_type'.")
  return new URLSearchParams((request.body as Buffer | undefined)?.toString('utf8') ?? '')
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

function sendOAuthError(context: Context, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
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
  return reply
    .code(refusal.status)
    .send(refusal.toBody({ correlationId, origin: originOf(request, context.config), millis: context.clock.millis() }))
}
