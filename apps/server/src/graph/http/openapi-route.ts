import type { FastifyInstance } from 'fastify'
import { originOf } from '../../http/origin.ts'
import { openApiDocument } from '../openapi/document.ts'
import type { GraphContext } from '../operation.ts'
import { operations } from '../operations.ts'

/** `/openapi.json`. */
export async function openApiRoute(app: FastifyInstance, context: GraphContext): Promise<void> {
  app.get('/openapi.json', async (request, reply) =>
    reply.header('Cache-Control', 'no-cache').send(openApiDocument(operations, originOf(request, context.config))),
  )
}
