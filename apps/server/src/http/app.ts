import fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Context } from '../config/context.ts'
import { errorBody, GraphError } from '../graph/errors.ts'
import { graphPlugin } from '../graph/http/plugin.ts'
import { operations } from '../graph/operations.ts'
import { Router } from '../graph/router.ts'
import { tokenRoutes } from '../identity/token-routes.ts'
import { pageRoutes } from '../pages/routes.ts'
import { healthRoutes } from './health.ts'

const redacted = ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]']

/** Everything the server answers over HTTP, on both its ports. */
export async function buildApp(context: Context): Promise<FastifyInstance> {
  const app = fastify({
    // To stderr: stdout ends with the line that says the server is ready.
    logger: { level: context.config.logLevel, redact: redacted, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 2000 },
    bodyLimit: 1024 * 1024,
    return503OnClosing: true,
  })
  app.decorateRequest('graphIds')
  app.addHook('onResponse', async (request, reply) => {
    const area = areaOf(request.url)
    context.metrics.requests.observe({ area, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  await app.register(async (scope) => graphPlugin(scope, context, new Router(operations)))
  await app.register(async (scope) => tokenRoutes(scope, context))
  await app.register(async (scope) => healthRoutes(scope, context))
  await app.register(async (scope) => pageRoutes(scope, context))
  app.setNotFoundHandler((request, reply) => {
    if (!/^\/v\d/i.test(request.url)) return reply.code(404).type('text/plain; charset=utf-8').send('Not found\n')
    const id = request.id
    const body = errorBody(new GraphError('invalidVersion'), {
      requestId: id,
      clientRequestId: id,
      millis: context.clock.millis(),
    })
    return reply.code(400).send(body)
  })
  return app
}

function areaOf(url: string): string {
  if (/^\/(v1\.0|beta)\b/i.test(url)) return 'graph'
  return url.includes('/oauth2/') || url.includes('/discovery/') ? 'token' : 'page'
}
