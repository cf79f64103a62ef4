import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { type ChatContext, chatRoutes } from './chat/routes.ts'
import type { ConsoleContext } from './console/console-context.ts'
import { accountRoutes } from './console/routes.ts'
import { GraphError } from './graph/errors.ts'
import { openApiRoute } from './graph/http/openapi-route.ts'
import { graphPlugin, sendGraphError } from './graph/http/plugin.ts'
import type { GraphContext } from './graph/operation.ts'
import { operations } from './graph/operations.ts'
import { Router } from './graph/router.ts'
import { healthRoutes } from './health.ts'
import { limitBodyTime } from './http/body-time.ts'
import { originOf } from './http/origin.ts'
import type { IdentityContext } from './identity/identity-context.ts'
import { tokenRoutes } from './identity/token-routes.ts'
import { type PagesContext, pageRoutes } from './pages/routes.ts'
import { roomsPlugin } from './rooms/http/plugin.ts'
import type { RoomsContext } from './rooms/http/rooms-context.ts'

/** What every route of the server needs, area by area. */
type AppContext = GraphContext & IdentityContext & ChatContext & RoomsContext & PagesContext & ConsoleContext

const redacted = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]']

/** Everything the server answers over HTTP, on both its ports. */
export async function buildApp(context: AppContext): Promise<FastifyInstance> {
  const app = fastify({
    // To stderr: stdout ends with the line that says the server is ready.
    logger: { level: context.config.logLevel, redact: redacted, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 2000 },
    bodyLimit: 1024 * 1024,
    return503OnClosing: true,
    // Anybody can send X-Forwarded-For; only what a named proxy adds to it counts.
    trustProxy: context.config.trustedProxies.length === 0 ? false : context.config.trustedProxies,
    frameworkErrors: (error, request, reply) => {
      if (isGraph(request.url)) sendGraphError(context, request as FastifyRequest, reply as FastifyReply, error)
      else sendPlain(reply as FastifyReply, 400, 'Bad request\n')
    },
  })
  app.decorateRequest('graphIds')
  // Only where https is the address that people are given: a browser would never again take http on this host, any port.
  if (context.config.publicUrl.startsWith('https:'))
    app.addHook('onRequest', async (request, reply) => {
      if (originOf(request, context.config).startsWith('https:')) reply.header('Strict-Transport-Security', 'max-age=31536000')
    })
  limitBodyTime(app, (url) => url.startsWith('/api/chat/files'))
  app.addHook('onResponse', async (request, reply) => {
    const area = areaOf(request.url)
    context.metrics.requests.observe({ area, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  await app.register(async (scope) => graphPlugin(scope, context, new Router(operations)))
  await app.register(async (scope) => openApiRoute(scope, context))
  await app.register(async (scope) => tokenRoutes(scope, context))
  await app.register(async (scope) => chatRoutes(scope, context))
  await app.register(async (scope) => roomsPlugin(scope, context))
  await app.register(async (scope) => healthRoutes(scope, context))
  await app.register(async (scope) => pageRoutes(scope, context))
  await app.register(async (scope) => accountRoutes(scope, context))
  app.setNotFoundHandler((request, reply) => {
    if (!/^\/v\d/i.test(request.url)) return sendPlain(reply, 404, 'Not found\n')
    return sendGraphError(context, request, reply, new GraphError('invalidVersion'))
  })
  return app
}

function areaOf(url: string): string {
  if (isGraph(url)) return 'graph'
  return url.includes('/oauth2/') || url.includes('/discovery/') ? 'token' : 'page'
}

function isGraph(url: string): boolean {
  return /^\/(v1\.0|beta)\b/i.test(url)
}

function sendPlain(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(text)
}
