import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from '../../common/html.ts'
import { languageOf, rememberLanguage } from '../../common/language.ts'
import { isCsrfToken } from '../../identity/session.ts'
import { fill } from '../../pages/fill.ts'
import { sendPage } from '../../pages/page.ts'
import { safeReturn } from '../../pages/safe-return.ts'
import type { ConsoleContext } from '../console-context.ts'
import { field, formOf, isCrossSite } from '../form.ts'
import { deviceCookieOf, rememberingCookie } from './device-cookie.ts'
import { formToken, isFormToken } from './form-token.ts'
import { accountStyles, notePage, signInPage } from './page.ts'
import { signInTexts } from './texts.ts'

type SignInQuery = { return?: string; hint?: string; again?: string }

const home = '/meetings'

/** `/signin` and `/signout`: passwords of the directory's people. */
export async function signInRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  app.get<{ Querystring: SignInQuery }>('/signin', async (request, reply) => {
    const returnTo = safeReturn(request.query.return, home)
    if (request.query.again === undefined && (await context.sessions.sessionOf(request)) !== null)
      return reply.redirect(returnTo, 303)
    const remember = rememberLanguage(request)
    if (remember !== undefined) reply.header('Set-Cookie', remember)
    const hint = typeof request.query.hint === 'string' ? request.query.hint.slice(0, 256) : ''
    return show(request, reply, 200, { returnTo, upn: hint, problem: null })
  })

  app.post('/signin', async (request, reply) => {
    const text = signInTexts[languageOf(request)]
    const form = formOf(request)
    const returnTo = safeReturn(form.get('return'), home)
    const upn = field(form, 'upn').slice(0, 256)
    if (!isFormToken(request, context.config, form.get('csrf')))
      return show(request, reply, 403, { returnTo, upn: '', problem: text.stale })
    const outcome = await context.passwords.verify(upn, form.get('password') ?? '', {
      address: request.ip,
      device: deviceCookieOf(request, context.config),
    })
    if (outcome.kind === 'wait') {
      reply.header('Retry-After', outcome.seconds)
      return show(request, reply, 429, { returnTo, upn, problem: fill(text.wait, { seconds: outcome.seconds }) })
    }
    if (outcome.kind === 'wrong') {
      // After the answer, which must not come later for an account that exists.
      if (outcome.user !== undefined)
        context.audit
          .recordWrongPassword(outcome.user, request.ip)
          .catch((error: unknown) => request.log.error({ err: error }, 'a wrong password was not noted'))
      return show(request, reply, 401, { returnTo, upn, problem: text.wrong })
    }
    reply.header('Set-Cookie', await context.sessions.start(request, outcome.user))
    reply.header('Set-Cookie', rememberingCookie(request, context.config, outcome.user))
    await note(request, outcome.user, 'signIn')
    return reply.redirect(returnTo, 303)
  })

  app.post('/signout', async (request, reply) => {
    const session = await context.sessions.find(request)
    if (session !== undefined && (isCrossSite(request) || !isCsrfToken(session, formOf(request).get('csrf'))))
      return reply.redirect('/meetings', 303)
    reply.header('Set-Cookie', await context.sessions.end(request))
    return reply.redirect('/signout', 303)
  })

  app.get('/signout', async (request, reply) => {
    const lang = languageOf(request)
    const text = signInTexts[lang]
    const link = html`<p><a class="button" href="/signin">${text.signInAgain}</a></p>`
    return sendPage(reply, context, 200, {
      lang,
      title: text.signedOut,
      styles: accountStyles,
      body: notePage(text.signedOut, '', link),
    })
  })

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    view: { returnTo: string; upn: string; problem: string | null },
  ): Promise<FastifyReply> {
    const lang = languageOf(request)
    const asking = await context.oidcProviders.askedBy(view.returnTo)
    const body = signInPage({
      ...view,
      lang,
      csrf: formToken(request, reply, context.config),
      application: asking?.name ?? null,
      issuers: context.federatedSignIn.offered(),
    })
    return sendPage(reply, context, status, {
      lang,
      title: signInTexts[lang].title,
      styles: accountStyles,
      scripts: ['/static/account.js'],
      body,
      formAction: asking?.formAction ?? [],
    })
  }

  async function note(request: FastifyRequest, user: { id: string; upn: string; tenantId: string }, action: string) {
    const actor = { id: user.id, name: user.upn, tenantId: user.tenantId, address: request.ip }
    await context.audit.record(actor, action, { id: user.id, name: user.upn })
  }
}
