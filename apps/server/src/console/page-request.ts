import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../audit/audit.ts'
import { type Language, languageOf, rememberLanguage } from '../common/language.ts'
import { isCsrfToken, type Session, type SignedInUser } from '../identity/session.ts'
import { sendPage } from '../pages/page.ts'
import type { ConsoleContext } from './console-context.ts'
import { formOf, isCrossSite } from './form.ts'
import { layout, type View } from './layout.ts'
import { PageError } from './page-error.ts'

/** A request of somebody signed in who may make it. */
export interface PageRequest {
  context: ConsoleContext
  request: FastifyRequest
  session: Session
  user: SignedInUser
  lang: Language
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** Empty for GET. */
  form: URLSearchParams
  /** Add a Set-Cookie header to the answer. */
  setCookie(header: string): void
  /** For the audit log. */
  actor: Actor
}

/** Something to download or embed. */
export interface File {
  type: string
  /** The name to save it under; absent for what is shown on a page. */
  name?: string
  content: string
}

/** A page, a file, or the path to go on to after a change (303). */
type Outcome = View | File | string

export type Handler = (visit: PageRequest) => Promise<Outcome>

/**
 * Routes for people who are signed in. Others are sent to sign in first (GET) or refused (POST); every POST must carry
 * its session's token and come from a page of ours. `admin` keeps everybody out but administrators.
 */
export function signedIn(app: FastifyInstance, context: ConsoleContext, options: { admin: boolean }) {
  return {
    get: (url: string, handler: Handler) => app.get(url, (request, reply) => answer(request, reply, handler)),
    post: (url: string, handler: Handler) => app.post(url, (request, reply) => answer(request, reply, handler)),
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, handler: Handler): Promise<FastifyReply> {
    const session = await context.sessions.find(request)
    const isPost = request.method === 'POST'
    if (session === undefined) {
      if (isPost) throw new PageError('stale')
      return reply.redirect(`/signin?return=${encodeURIComponent(request.url)}`, 303)
    }
    request.account = session
    if (options.admin && !session.user.isAdmin) throw new PageError('forbidden')
    const form = formOf(request)
    if (isPost && (isCrossSite(request) || !isCsrfToken(session, form.get('csrf')))) throw new PageError('stale')
    const remember = rememberLanguage(request)
    if (remember !== undefined) reply.header('Set-Cookie', remember)
    const { user } = session
    const outcome = await handler({
      context,
      request,
      session,
      user,
      lang: languageOf(request),
      params: request.params as Record<string, string>,
      query: new URL(request.url, 'http://parley.invalid').searchParams,
      form,
      setCookie: (header) => reply.header('Set-Cookie', header),
      actor: { id: user.id, name: user.upn, tenantId: user.tenantId, address: request.ip },
    })
    if (typeof outcome === 'string') return reply.redirect(outcome, 303)
    return 'content' in outcome ? sendFile(reply, outcome) : sendView(context, request, reply, session, outcome)
  }
}

function sendFile(reply: FastifyReply, { type, name, content }: File): FastifyReply {
  if (name !== undefined) reply.header('Content-Disposition', `attachment; filename="${name}"`)
  return reply
    .headers({
      'Content-Type': type,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    })
    .send(content)
}

/** Send a page with the head of a signed-in person. */
export function sendView(
  context: ConsoleContext,
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
  view: View,
): FastifyReply {
  const path = request.url.split('?')[0]!
  return sendPage(reply, context, view.status ?? 200, layout(languageOf(request), session, path, view))
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of a page's request, once it is known. */
    account?: Session
  }
}
