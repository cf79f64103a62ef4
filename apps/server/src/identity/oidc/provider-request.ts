import { IncomingMessage, type ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import type { Config } from '../../config/config.ts'
import { originOf } from '../../http/origin.ts'

/** What of a token request oidc-provider's answer is completed with. */
export interface TokenNotes {
  grant: string | null
  scope: string | null
}

const notes = new WeakMap<IncomingMessage, TokenNotes>()

/** What was noted of the request that oidc-provider is answering. */
export const notesOf = (request: IncomingMessage): TokenNotes | undefined => notes.get(request)

/**
 * Hand a request to a tenant's provider, which answers it. `parameters` are sent in place of the query (GET) or the
 * form (POST); the path is the tenant's own, whichever name of it the client used.
 */
export async function passOn(
  context: { config: Config },
  request: FastifyRequest,
  reply: FastifyReply,
  to: { provider: Provider; tenantId: string; path: string; parameters: URLSearchParams; notes?: TokenNotes },
): Promise<void> {
  reply.hijack()
  const message = messageFor(context, request, to)
  if (to.notes !== undefined) notes.set(message, to.notes)
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
  await to.provider.callback()(message, reply.raw as ServerResponse)
}

/** A request as oidc-provider is to see it: below its mount path, with the origin the client used, and the body to be read once. */
export function messageFor(
  context: { config: Config },
  request: FastifyRequest,
  to: { tenantId: string; path: string; parameters: URLSearchParams },
): IncomingMessage {
  const message = new IncomingMessage(request.raw.socket) as IncomingMessage & { originalUrl?: string }
  const origin = new URL(originOf(request, context.config))
  const query = to.parameters.toString()
  const get = request.method !== 'POST'
  message.method = request.method
  message.url = get && query !== '' ? `${to.path}?${query}` : to.path
  message.originalUrl = `/${to.tenantId}${message.url}`
  const { 'content-length': _length, 'transfer-encoding': _encoding, authorization: _authorization, ...headers } = request.headers
  message.headers = {
    ...headers,
    host: origin.host,
    'x-forwarded-proto': origin.protocol.slice(0, -1),
    'x-forwarded-host': origin.host,
    'x-forwarded-for': request.ip,
  }
  if (!get) {
    message.headers['content-type'] = 'application/x-www-form-urlencoded'
    message.headers['content-length'] = String(Buffer.byteLength(query))
    message.push(query)
  }
  message.push(null)
  // Else its end would count as broken off, and take the socket with it.
  message.complete = true
  return message
}
