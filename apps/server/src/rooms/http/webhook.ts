import type { FastifyInstance } from 'fastify'
import { WebhookReceiver } from 'livekit-server-sdk'
import { RateLimit } from '../../common/rate-limit.ts'
import type { RoomsContext } from './rooms-context.ts'

/** `/livekit/webhook`: what the media server reports, verified by its key. */
export async function webhookRoute(app: FastifyInstance, context: RoomsContext): Promise<void> {
  const { rooms } = context
  // Anybody can post what does not verify; one line a minute tells an operator whose keys differ.
  const warnings = new RateLimit({ burst: 1, perSecond: 1 / 60, millis: () => context.clock.millis() })
  const receiver = new WebhookReceiver(rooms.link.key, rooms.link.secret)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 256 * 1024 }, (_request, body, done) => done(null, body))
  app.post('/livekit/webhook', async (request, reply) => {
    const event = await receiver.receive(String(request.body ?? ''), request.headers.authorization).catch((error: unknown) => {
      if (warnings.take('') === 0)
        request.log.warn({ err: error, address: request.ip }, 'a report of the media server does not verify: do the keys differ?')
    })
    if (event === undefined) return reply.code(401).send()
    await rooms.heard(event)
    return reply.code(200).send()
  })
}
