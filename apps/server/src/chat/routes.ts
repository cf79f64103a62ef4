import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../common/clock.ts'
import { JsonError, parseStrictJson } from '../common/strict-json.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Admitted, ChatAccess } from './chat-access.ts'
import { ChatError, invalid } from './chat-error.ts'
import type { ChatFiles } from './chat-files.ts'
import type { ChatManager } from './chat-manager.ts'
import type { ChatStore } from './chat-store.ts'
import { type ChatPerson, toView } from './message.ts'
import { checkWriting, isTextOnly, sharesHistory } from './policy.ts'
import { readMessage } from './read-message.ts'
import { receiveFile } from './upload.ts'

/** What the routes of the chat need of the server. */
export interface ChatContext {
  clock: Clock
  chat: ChatManager
  chatStore: ChatStore
  chatFiles: ChatFiles
  chatAccess: ChatAccess
  meetingStore: MeetingStore
}

interface MessageRoute {
  Params: { id: string }
}

interface ReactionRoute {
  Params: { id: string; emoji: string }
}

interface Caller {
  admitted: Admitted
  person: ChatPerson
  meeting: Meeting
}

const bodyLimit = 256 * 1024
const defaultPage = 50
const maxPage = 100
const moderators = new Set(['organizer', 'coorganizer', 'presenter'])

/** `/api/chat`: what the room's page and headless clients speak (docs/door-api.md, Chat). */
export async function chatRoutes(app: FastifyInstance, context: ChatContext): Promise<void> {
  const { chat, chatFiles, chatStore, clock } = context
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/json\b/i, { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
  // Files stream to disk; nothing reads them into memory.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    request.chatCaller = await callerOf(request, context)
  })

  app.get('/api/chat/messages', async (request) => {
    const { meeting, person, admitted } = opener(request, 'reading')
    const { before, limit, search } = readQuery(request.query)
    const cursor = before === undefined ? undefined : await chat.find(meeting.id, before)
    if (before !== undefined && cursor === undefined) throw invalid('before', 'there is no such message')
    const { messages, more } = await chat.list({
      ...{ meetingId: meeting.id, order: 'created', limit, search },
      cursor: cursor && { at: cursor.createdAt, id: cursor.id },
      createdAfter: sharesHistory(meeting) ? undefined : admitted.admittedAt,
    })
    return { messages: messages.reverse().map((message) => toView(message, person)), more }
  })

  app.post('/api/chat/messages', async (request, reply) => {
    const { meeting, person } = writer(request)
    const { text, replyTo, mentions } = readMessage(readJson(request))
    const named = (mentions ?? []).map((identity) => ({ identity, userId: null, name: null }))
    const message = await chat.post(meeting, person, { content: text, replyTo: replyTo ?? null, mentions: named })
    return reply.code(201).send(toView(message, person))
  })

  app.patch<MessageRoute>('/api/chat/messages/:id', async (request) => {
    const { meeting, person } = writer(request)
    const { text } = readMessage(readJson(request))
    return toView(await chat.edit(meeting, request.params.id, person, { content: text }), person)
  })

  app.delete<MessageRoute>('/api/chat/messages/:id', async (request, reply) => {
    const { meeting, person, admitted } = opener(request, 'writing')
    await chat.remove(meeting, request.params.id, person, { moderates: moderators.has(admitted.role) })
    return reply.code(204).send()
  })

  for (const method of ['PUT', 'DELETE'] as const)
    app.route<ReactionRoute>({
      method,
      url: '/api/chat/messages/:id/reactions/:emoji',
      handler: async (request) => {
        const { meeting, person } = writer(request)
        const { id, emoji } = request.params
        return toView(await chat.react(meeting, id, person, emoji, method === 'PUT'), person)
      },
    })

  app.post<{ Querystring: { name?: unknown } }>('/api/chat/files', async (request, reply) => {
    const { meeting, person } = writer(request)
    if (isTextOnly(meeting)) throw new ChatError('FilesDisabled')
    const done = await chat.admitFile(meeting, person)
    try {
      const { name } = request.query
      const file = await receiveFile(request.raw, typeof name === 'string' ? name : undefined, async (stream, named) => ({
        ...named,
        ...(await chatFiles.write(meeting.id, stream)),
      }))
      return reply.code(201).send(toView(await chat.postFile(meeting, person, file), person))
    } finally {
      done()
    }
  })

  app.get<MessageRoute>('/api/chat/files/:id', async (request, reply) => {
    const { meeting, admitted } = opener(request, 'reading')
    const file = await chatStore.findFile(meeting.id, request.params.id)
    const hidden = file !== undefined && !sharesHistory(meeting) && file.created_at <= admitted.admittedAt
    const stream = file === undefined || hidden ? undefined : await chatFiles.read(meeting.id, file.id)
    if (file === undefined || stream === undefined) throw new ChatError('FileNotFound')
    return reply
      .headers({
        'Content-Type': 'application/octet-stream',
        'Content-Length': file.size,
        'Content-Disposition': `attachment; filename="file"; filename*=UTF-8''${encodeHeaderName(file.name)}`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'Cross-Origin-Resource-Policy': 'same-origin',
        'Cache-Control': 'private, no-store',
      })
      .send(stream)
  })

  /** Somebody whose token, if it was one they came with, opens the chat. */
  function opener(request: FastifyRequest, what: 'reading' | 'writing'): Caller {
    if (!request.chatCaller.admitted.opens[what]) throw new ChatError('NotAllowed')
    return request.chatCaller
  }

  /** Somebody who may write now. */
  function writer(request: FastifyRequest): Caller {
    const caller = request.chatCaller
    checkWriting(caller.meeting, clock.now(), { inCall: true })
    if (!caller.admitted.canChat) throw new ChatError('ChatMuted')
    return caller
  }
}

async function callerOf(request: FastifyRequest, context: ChatContext): Promise<Caller> {
  const match = /^Admission +([A-Za-z0-9_-]{1,128})\.([A-Za-z0-9_-]{1,512})\s*$/i.exec(request.headers.authorization ?? '')
  const admitted = match === null ? null : await context.chatAccess.authenticate(match[1]!, match[2]!)
  const meeting = admitted === null ? undefined : await context.meetingStore.findById(admitted.meetingId)
  if (admitted === null || meeting === undefined) throw new ChatError('AdmissionEnded')
  const { identity, name, userId } = admitted
  return { admitted, meeting, person: { identity, name, userId, kind: userId === null ? 'guest' : 'user' } }
}

function readQuery(query: unknown): { before: string | undefined; limit: number; search: string | undefined } {
  const { before, limit, search } = query as Record<string, unknown>
  if (before !== undefined && (typeof before !== 'string' || !/^\d{13}$/.test(before))) throw invalid('before', 'no message id')
  if (search !== undefined && (typeof search !== 'string' || search.trim() === '' || search.length > 200))
    throw invalid('search', 'expected 1 to 200 characters')
  const count = limit === undefined ? defaultPage : Number(limit)
  if (typeof limit === 'string' && !/^\d{1,3}$/.test(limit)) throw invalid('limit', 'expected a whole number')
  if (!Number.isInteger(count) || count < 1 || count > maxPage) throw invalid('limit', `expected 1 to ${maxPage}`)
  return { before, limit: count, search: search?.trim() }
}

function readJson(request: FastifyRequest): unknown {
  if (!(request.body instanceof Uint8Array)) throw new ChatError('UnsupportedMediaType')
  try {
    return parseStrictJson(request.body)
  } catch (error) {
    if (error instanceof JsonError) throw new ChatError('InvalidArgument', { message: error.message })
    throw error
  }
}

/** RFC 8187 ext-value of a name. */
function encodeHeaderName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sendError(request: FastifyRequest, reply: FastifyReply, problem: unknown): FastifyReply {
  const error = toChatError(problem)
  if (error.status >= 500) request.log.error({ err: problem }, 'a chat request failed')
  if (error.retryAfter !== undefined) reply.header('Retry-After', error.retryAfter)
  return reply.code(error.status).type('application/json; charset=utf-8').send(error.toBody())
}

function toChatError(problem: unknown): ChatError {
  if (problem instanceof ChatError) return problem
  const { code, statusCode } = problem as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ChatError('TooLarge')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ChatError('UnsupportedMediaType')
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return new ChatError('InvalidArgument', { message: 'The request ended before its end.' })
  return statusCode !== undefined && statusCode < 500 ? new ChatError('InvalidArgument') : new ChatError('InternalError')
}

declare module 'fastify' {
  interface FastifyRequest {
    chatCaller: Caller
  }
}
