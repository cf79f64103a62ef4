import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RateLimit } from '../../common/rate-limit.ts'
import type { IdentityContext } from '../identity-context.ts'
import { OAuthError } from '../oauth-errors.ts'
import { passOn } from './provider-request.ts'
import { readScopes } from './scopes.ts'

type TenantRequest = FastifyRequest<{ Params: { tenant: string; uid?: string } }>

/** Parameters that mean something else to us than to oidc-provider, or nothing. */
const dropped = ['resource', 'claims', 'request', 'request_uri', 'registration']

/** The endpoints people's browsers and devices come to: `/{tenant}/oauth2/v2.0/{authorize,devicecode,deviceauth,logout}`. */
export async function oidcRoutes(app: FastifyInstance, context: IdentityContext): Promise<void> {
  const origins = context.origins
  const userCodes = new RateLimit({ burst: 20, perSecond: 1 / 10, millis: () => context.clock.millis() })

  app.route({ method: ['GET', 'POST'], url: '/:tenant/oauth2/v2.0/authorize', handler: authorize })
  for (const path of ['authorize/:uid', 'deviceauth/:uid', 'logout', 'logout/success'])
    app.route({ method: ['GET', 'POST'], url: `/:tenant/oauth2/v2.0/${path}`, handler: plain })
  app.post('/:tenant/oauth2/v2.0/logout/confirm', async (request: TenantRequest, reply) => {
    // Signed out of the applications and of our own pages alike; oidc-provider checks the form's token for its part.
    if (parametersOf(request).get('logout') === 'yes' && request.headers['sec-fetch-site'] !== 'cross-site')
      reply.header('Set-Cookie', await context.sessions.end(request))
    return plain(request, reply)
  })
  app.get('/:tenant/oauth2/v2.0/deviceauth', plain)
  app.post('/:tenant/oauth2/v2.0/deviceauth', async (request: TenantRequest, reply) => {
    // Eight letters can be guessed by whoever may try often enough.
    const wait = userCodes.take(request.ip)
    if (wait > 0) throw new OAuthError('AADSTS90055', '', wait)
    return plain(request, reply)
  })

  async function authorize(request: TenantRequest, reply: FastifyReply): Promise<FastifyReply> {
    const parameters = parametersOf(request)
    const tenant = await context.oidcProviders.tenant(request.params.tenant, parameters.get('client_id'))
    parameters.set('scope', readScopes(parameters.get('scope'), origins).join(' '))
    if (parameters.get('prompt') === 'select_account') parameters.set('prompt', 'login')
    for (const name of dropped) parameters.delete(name)
    return hand(request, reply, tenant.id, parameters)
  }

  async function plain(request: TenantRequest, reply: FastifyReply): Promise<FastifyReply> {
    const parameters = parametersOf(request)
    const tenant = await context.oidcProviders.tenant(request.params.tenant, parameters.get('client_id'))
    return hand(request, reply, tenant.id, parameters)
  }

  async function hand(request: TenantRequest, reply: FastifyReply, tenantId: string, parameters: URLSearchParams) {
    const path = new URL(request.raw.url!, 'http://parley.invalid').pathname
    const provider = await context.oidcProviders.provider(tenantId)
    await passOn(context, request, reply, { provider, tenantId, path: path.slice(path.indexOf('/', 1)), parameters })
    return reply
  }
}

/** Query of a GET, form of a POST. */
function parametersOf(request: FastifyRequest): URLSearchParams {
  if (request.method === 'POST') return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  return new URL(request.raw.url!, 'http://parley.invalid').searchParams
}
