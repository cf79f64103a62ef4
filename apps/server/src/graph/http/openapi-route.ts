import type { FastifyInstance } from 'fastify'
import { originOf } from '../../http/origin.ts'
import { type StaticDocument, sendDocument, staticDocument } from '../../http/static-document.ts'
import { openApiDocument } from '../openapi/document.ts'
import type { GraphContext } from '../operation.ts'
import { operations } from '../operations.ts'

/** `/openapi.json`: made once for each of our origins, since a megabyte takes its time. */
export async function openApiRoute(app: FastifyInstance, context: GraphContext): Promise<void> {
  const documents = new Map<string, StaticDocument>()
  app.get('/openapi.json', async (request, reply) => {
    const origin = originOf(request, context.config)
    const document = documents.get(origin) ?? staticDocument(JSON.stringify(openApiDocument(operations, origin)))
    documents.set(origin, document)
    return sendDocument(request, reply, 'application/json; charset=utf-8', document)
  })
}
