import { randomUUID } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { originOf } from '../../http/origin.ts'
import { sendDocument } from '../../http/static-document.ts'
import { type AdmittedRequest, admit, dispatch, type GraphRequestHead } from '../dispatch.ts'
import { errorBody, GraphError } from '../errors.ts'
import type { GraphContext, GraphResponse, GraphVersion } from '../operation.ts'
import type { Router } from '../router.ts'

const bodyLimit = 1024 * 1024

const jsonType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
const diagnostic = JSON.stringify({
  ServerInfo: { DataCenter: 'Parley', Slice: 'E', Ring: '1', ScaleUnit: '000', RoleInstance: 'parley' },
})
const exposed = 'ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, Retry-After'
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** `/v1.0` and `/beta`: HTTP in front of the dispatcher, with the headers and errors of contract section C. */
export async function graphPlugin(app: FastifyInstance, context: GraphContext, router: Router): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', async (request, reply) => begin(request, reply))
  app.setErrorHandler((error, request, reply) => sendGraphError(context, request, reply, error))

  app.decorateRequest('graphAdmitted', null)
  for (const version of ['v1.0', 'beta'] as const)
    for (const url of [`/${version}`, `/${version}/*`]) {
      app.route({
        method: [...methods],
        url,
        // Before the body: strangers do not make us keep a megabyte each.
        onRequest: async (request) => {
          refuseCompressed(request)
          request.graphAdmitted = await admit(headOf(version, request), router, context)
        },
        handler: async (request, reply) => answer(version, request, reply),
      })
      app.options(url, async (request, reply) =>
        reply
          .code(204)
          .header('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE, OPTIONS')
          .header('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '*')
          .header('Access-Control-Max-Age', '86400')
          .send(),
      )
    }

  async function answer(version: GraphVersion, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const response = await dispatch(
      {
        ...headOf(version, request),
        body: request.body as Uint8Array | undefined,
        toAnswer: (problem, headers) => errorAnswer(context, request, problem, headers['client-request-id']),
      },
      router,
      context,
      request.graphAdmitted ?? undefined,
    )
    if (response.document === undefined) return send(reply, response)
    return sendDocument(request, reply, response.headers?.['Content-Type'] ?? 'application/octet-stream', response.document)
  }

  function headOf(version: GraphVersion, request: FastifyRequest): GraphRequestHead {
    const [path, query] = splitUrl(request.raw.url ?? '/', version)
    return {
      version,
      method: request.method,
      path,
      query,
      headers: request.headers as Record<string, string | undefined>,
      origin: originOf(request, context.config),
      address: request.ip,
    }
  }
}

function refuseCompressed(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw new GraphError('unsupportedMediaType', { message: 'Compressed request bodies are not supported.' })
}

function splitUrl(url: string, version: GraphVersion): [path: string, query: string] {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return [path.slice(version.length + 1), mark < 0 ? '' : url.slice(mark + 1)]
}

function send(reply: FastifyReply, response: GraphResponse): FastifyReply {
  reply.code(response.status)
  if (response.headers !== undefined) reply.headers(response.headers)
  if (response.raw !== undefined) return reply.send(response.raw)
  if (response.body === undefined) return reply.send()
  return reply.header('Content-Type', jsonType).send(JSON.stringify(response.body))
}

/** Give a request its ids and its answer the headers every answer has (contract C.2). */
function begin(request: FastifyRequest, reply: FastifyReply): void {
  const requestId = randomUUID()
  const sent = request.headers['client-request-id']
  const clientRequestId = typeof sent === 'string' && /^[\x21-\x7e]{1,128}$/.test(sent) ? sent : requestId
  request.graphIds = { requestId, clientRequestId }
  reply.headers({
    'request-id': requestId,
    'client-request-id': clientRequestId,
    'x-ms-ags-diagnostic': diagnostic,
    'OData-Version': '4.0',
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': exposed,
  })
  if ((request.raw.socket as TLSSocket).encrypted) reply.header('Strict-Transport-Security', 'max-age=31536000')
}

/** Every refusal leaves through here; what is not a GraphError or a refusal of the HTTP layer is a bug of ours. */
export function sendGraphError(
  context: GraphContext,
  request: FastifyRequest,
  reply: FastifyReply,
  problem: unknown,
): FastifyReply {
  // Requests that never reached the hooks (an address that cannot be decoded) get their ids here.
  if (request.graphIds == null) begin(request, reply)
  return send(reply, errorAnswer(context, request, problem, undefined))
}

/** An error as an answer, logged and counted. Inside a $batch each item has ids of its own. */
function errorAnswer(
  context: GraphContext,
  request: FastifyRequest,
  problem: unknown,
  innerClientRequestId: string | undefined,
): GraphResponse {
  const error = toGraphError(problem)
  const ids =
    innerClientRequestId === undefined ? request.graphIds : { ...request.graphIds, clientRequestId: innerClientRequestId }
  if (error.status >= 500) request.log.error({ err: problem, ...ids }, 'a request failed')
  else request.log.debug({ code: error.code, status: error.status, ...ids }, 'refused')
  context.metrics.graphRefusals.inc({ status: error.status })
  return { status: error.status, headers: error.headers, body: errorBody(error, { ...ids, millis: context.clock.millis() }) }
}

function toGraphError(problem: unknown): GraphError {
  if (problem instanceof GraphError) return problem
  switch ((problem as { code?: string }).code) {
    case 'FST_ERR_BAD_URL':
      return new GraphError('malformedPath', { message: 'The path of the request is not correctly percent-encoded.' })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new GraphError('bodyTooLarge')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new GraphError('unsupportedMediaType')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new GraphError('malformedBody', { message: 'The body does not have the length its Content-Length says.' })
  }
  const status = (problem as { statusCode?: number }).statusCode
  return status !== undefined && status >= 400 && status < 500 ? new GraphError('malformedBody') : new GraphError('internalError')
}

declare module 'fastify' {
  interface FastifyRequest {
    graphIds: { requestId: string; clientRequestId: string }
    graphAdmitted: AdmittedRequest | null
  }
}
