import type { FastifyInstance } from 'fastify'
import { DoorError } from '../admission/door-error.ts'
import { connectionTestRoute } from './connection-test.ts'
import { doorRoutes } from './door-routes.ts'
import { sendDoorError } from './errors.ts'
import { roomRoutes } from './room-routes.ts'
import type { RoomsContext } from './rooms-context.ts'
import { webhookRoute } from './webhook.ts'

const bodyLimit = 64 * 1024

/** Everything of the door and the room over HTTP (docs/door-api.md). */
export async function roomsPlugin(app: FastifyInstance, context: RoomsContext): Promise<void> {
  await app.register(async (scope) => webhookRoute(scope, context))
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(/^application\/json\b/i, { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    )
    scope.setErrorHandler((error, request, reply) => sendDoorError(error, request, reply))
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    })
    await doorRoutes(scope, context)
    await connectionTestRoute(scope, context)
    await roomRoutes(scope, context)
    const nothing = async () => {
      throw new DoorError('NotFound')
    }
    scope.all('/api/door/*', nothing)
    scope.all('/api/room/*', nothing)
  })
}
