import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { neighbourhoodOf, senderOf } from '../../common/network.ts'
import { RateLimit } from '../../common/rate-limit.ts'
import type { IdentityContext } from '../identity-context.ts'
import { OAuthError } from '../oauth-errors.ts'
import { isCsrfToken } from '../session.ts'
import { passOn } from './provider-request.ts'
import { readScopes } from './scopes.ts'

type TenantRequest = FastifyRequest<{ Params: { tenant: string; uid?: string } }>

/** Characters; what is asked for is kept until somebody has signed in. */
const longestParameters = 8_192
/** Parameters that mean something else to us than to oidc-provider, or nothing. */
const dropped = ['resource', 'claims', 'request', 'request_uri', 'registration']

/** The endpoints people's browsers and devices come to: `/{tenant}/oauth2/v2.0/{authorize,devicecode,deviceauth,logout}`. */
export async function oidcRoutes(app: FastifyInstance, context: IdentityContext): Promise<void> {
  const origins = context.origins
  const millis = () => context.clock.millis()
  const userCodes = new RateLimit({ burst: 20, perSecond: 1 / 10, millis })
  // Each of these leaves a row until somebody has signed in, or twenty minutes; a school signs in from one address.
  const sent = new RateLimit({ burst: 300, perSecond: 5, millis })

  app.route({ method: ['GET', 'POST'], url: '/:tenant/oauth2/v2.0/authorize', handler: authorize })
  for (const path of ['authorize/:uid', 'deviceauth/:uid', 'logout', 'logout/success'])
    app.route({ method: ['GET', 'POST'], url: `/:tenant/oauth2/v2.0/${path}`, handler: plain })
  app.post('/:tenant/oauth2/v2.0/logout/confirm', async (request: TenantRequest, reply) => {
    // Signed out of the applications and of our own pages alike, each by a token of its own in the form.
    const form = parametersOf(request)
    const session = form.get('logout') === 'yes' && isOwnPage(request) ? await context.sessions.find(request) : undefined
    if (session !== undefined && isCsrfToken(session, form.get('csrf')))
      reply.header('Set-Cookie', await context.sessions.end(request))
    return plain(request, reply)
  })
  app.get('/:tenant/oauth2/v2.0/deviceauth', plain)
  app.post('/:tenant/oauth2/v2.0/deviceauth', async (request: TenantRequest, reply) => {
    // Eight letters can be guessed by whoever may try often enough.
    takeOne(userCodes, request)
    return plain(request, reply)
  })

  async function authorize(request: TenantRequest, reply: FastifyReply): Promise<FastifyReply> {
    takeOne(sent, request)
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

/** Throws OAuthError 90055 when the sender has to wait. */
function takeOne(limit: RateLimit, request: FastifyRequest): void {
  const wait = limit.take(senderOf(request.ip), neighbourhoodOf(request.ip))
  if (wait > 0) throw new OAuthError('AADSTS90055', '', wait)
}

/** Whether a browser that says where a request was made says that it was on a page of ours. */
function isOwnPage({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** Query of a GET, form of a POST. Throws OAuthError 9002313 for one that is longer than any client needs. */
function parametersOf(request: FastifyRequest): URLSearchParams {
  const parameters =
    request.method !== 'POST'
      ? new URL(request.raw.url!, 'http://parley.invalid').searchParams
      : request.body instanceof URLSearchParams
        ? request.body
        : new URLSearchParams()
  if (parameters.toString().length > longestParameters) throw new OAuthError('AADSTS9002313')
  return parameters
}
