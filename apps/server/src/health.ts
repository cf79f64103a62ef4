import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Config } from './config/config.ts'
import type { Metrics } from './http/metrics.ts'
import type { Database } from './store/database.ts'

interface HealthContext {
  config: Config
  db: Database
  metrics: Metrics
}

/** `/healthz` (the process answers), `/readyz` (and its database does), `/metrics` (Prometheus). */
export async function healthRoutes(app: FastifyInstance, context: HealthContext): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await context.db.selectFrom('tenants').select(sql`1`.as('one')).limit(1).execute()
      return { status: 'ready' }
    } catch (error) {
      app.log.error({ err: error }, 'the database does not answer')
      return reply.code(503).send({ status: 'database unavailable' })
    }
  })
  app.get('/metrics', async (request, reply) => {
    if (!maySeeMetrics(request, context.config.metricsToken))
      return reply.code(401).header('WWW-Authenticate', 'Bearer').type('text/plain; charset=utf-8').send('Unauthorized\n')
    return reply.type(context.metrics.registry.contentType).send(await context.metrics.registry.metrics())
  })
}

/**
 * Who holds the token, or (where there is none) asks from this machine without a proxy between: one that is not named in
 * PARLEY_TRUSTED_PROXIES makes everybody look like this machine.
 */
function maySeeMetrics(request: FastifyRequest, token: string | null): boolean {
  const { authorization, forwarded, 'x-forwarded-for': forwardedFor, via } = request.headers
  if (token !== null) return timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''))
  return isThisMachine(request.ip) && forwarded === undefined && forwardedFor === undefined && via === undefined
}

const digest = (text: string) => createHash('sha256').update(text).digest()

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isThisMachine(address: string): boolean {
  return loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}
