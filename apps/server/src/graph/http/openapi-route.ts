import type { FastifyInstance } from 'fastify'
import type { Context } from '../../config/context.ts'
import { originOf } from '../../http/origin.ts'
import { openApiDocument } from '../openapi/document.ts'
import { operations } from '../operations.ts'

/** `/openapi.json`. */
export async function openApiRoute(app: FastifyInstance, context: Context): Promise<void> {
  app.get('/openapi.json', async (request, reply) =>
    reply.header('Cache-Control', 'no-cache').send(openApiDocument(operations, originOf(request, context.config))),
  )
}
