import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from '../common/html.ts'
import { languageOf } from '../common/language.ts'
import { leadToHttps } from '../http/lead-to-https.ts'
import { OAuthError } from '../identity/oauth-errors.ts'
import { oidcRoutes } from '../identity/oidc/routes.ts'
import { sendPage } from '../pages/page.ts'
import { adminRoutes } from './admin/routes.ts'
import type { ConsoleContext } from './console-context.ts'
import { takeForms } from './form.ts'
import { layoutTexts } from './layout-texts.ts'
import { meetingRoutes } from './meetings/routes.ts'
import { PageError } from './page-error.ts'
import { sendView } from './page-request.ts'
import { profileRoutes } from './profile/routes.ts'
import { federatedRoutes } from './sign-in/federated-routes.ts'
import { interactionRoutes } from './sign-in/interaction-routes.ts'
import { oidcPages } from './sign-in/oidc-pages.ts'
import { accountStyles, notePage } from './sign-in/page.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signInTexts } from './sign-in/texts.ts'

/** Everything people do with an account: sign in, allow applications, manage their meetings, administer their tenant. */
export async function accountRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  takeForms(app)
  context.oidcProviders.usePages(oidcPages(context))
  app.setErrorHandler((error, request, reply) => sendProblem(context, request, reply, error))
  leadToHttps(app, context.config, (request, reply) => sendPageProblem(context, request, reply, new PageError('stale')))
  await signInRoutes(app, context)
  await federatedRoutes(app, context)
  await interactionRoutes(app, context)
  await oidcRoutes(app, context)
  await meetingRoutes(app, context)
  await adminRoutes(app, context)
  await profileRoutes(app, context)
}

function sendProblem(context: ConsoleContext, request: FastifyRequest, reply: FastifyReply, problem: unknown): FastifyReply {
  if (!(problem instanceof OAuthError)) return sendPageProblem(context, request, reply, problem)
  const lang = languageOf(request)
  const text = signInTexts[lang]
  if (problem.retryAfter !== undefined) reply.header('Retry-After', problem.retryAfter)
  const detail = html`<p class="detail"><code>${problem.message}</code></p>`
  const body = notePage(text.failed, text.failedAbout, detail)
  return sendPage(reply, context, problem.status, { lang, title: text.failed, body, styles: accountStyles })
}

/** What went wrong on a page, in words; what is neither a refusal of ours nor of the HTTP layer is a bug. */
function sendPageProblem(context: ConsoleContext, request: FastifyRequest, reply: FastifyReply, problem: unknown): FastifyReply {
  const lang = languageOf(request)
  const text = layoutTexts[lang]
  const layer = (problem as { statusCode?: number }).statusCode ?? 500
  const kind = problem instanceof PageError ? problem.kind : layer < 500 ? 'stale' : 'failed'
  const status = problem instanceof PageError ? problem.status : Math.min(layer, 500)
  if (status >= 500) request.log.error({ err: problem }, 'an account page failed')
  const [title, about] = [text[kind], text[`${kind}About`]]
  const body = html`<h1>${title}</h1><p>${about}</p><p><a href="/meetings">${text.back}</a></p>`
  if (request.account !== undefined) return sendView(context, request, reply, request.account, { title, body, status })
  return sendPage(reply, context, status, { lang, title, body: notePage(title, about), styles: accountStyles })
}
