import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Metrics } from './http/metrics.ts'
import type { Database } from './store/database.ts'

interface HealthContext {
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
  app.get('/metrics', async (_request, reply) =>
    reply.type(context.metrics.registry.contentType).send(await context.metrics.registry.metrics()),
  )
}
