import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import { originOf } from './origin.ts'

/**
 * Pages that take passwords are for https, where that is the address people are given: over http a GET is led there, and a
 * POST, which has said everything already, is refused.
 */
export function leadToHttps(
  app: FastifyInstance,
  config: Config,
  refuse: (request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  if (!config.publicUrl.startsWith('https:')) return
  app.addHook('onRequest', async (request, reply) => {
    if (originOf(request, config).startsWith('https:')) return
    if (request.method === 'GET') return reply.redirect(`${httpsOrigin(request, config)}${request.url}`, 307)
    return refuse(request, reply)
  })
}

/** The public address; where no name was given, the name the client used, at our https port. */
function httpsOrigin(request: FastifyRequest, config: Config): string {
  if (config.publicUrl !== config.httpsBaseUrl) return config.publicUrl
  const host = `https://${request.host}`
  const name = URL.canParse(host) ? new URL(host).hostname : new URL(config.publicUrl).hostname
  return `https://${name}:${config.httpsPort}`
}
