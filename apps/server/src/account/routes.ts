import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../config/context.ts'
import { OAuthError } from '../identity/oauth-errors.ts'
import { delegationRoutes } from '../identity/oidc/routes.ts'
import { html } from '../pages/html.ts'
import { languageOf } from '../pages/language.ts'
import { sendPage } from '../pages/page.ts'
import { takeForms } from './form.ts'
import { interactionRoutes } from './sign-in/interaction-routes.ts'
import { oidcPages } from './sign-in/oidc-pages.ts'
import { accountStyles, notePage } from './sign-in/page.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signInTexts } from './sign-in/texts.ts'

/** Everything people do with an account: sign in, allow applications, manage their meetings, administer their tenant. */
export async function accountRoutes(app: FastifyInstance, context: Context): Promise<void> {
  takeForms(app)
  context.delegation.usePages(oidcPages(context))
  app.setErrorHandler((error, request, reply) => sendProblem(context, request, reply, error))
  await signInRoutes(app, context)
  await interactionRoutes(app, context)
  await delegationRoutes(app, context)
}

function sendProblem(context: Context, request: FastifyRequest, reply: FastifyReply, problem: unknown): FastifyReply {
  const lang = languageOf(request)
  const text = signInTexts[lang]
  const refusal = problem instanceof OAuthError ? problem : undefined
  const status = refusal?.status ?? (problem as { statusCode?: number }).statusCode ?? 500
  if (status >= 500) request.log.error({ err: problem }, 'an account page failed')
  if (refusal?.retryAfter !== undefined) reply.header('Retry-After', refusal.retryAfter)
  const detail = refusal !== undefined && html`<p class="detail"><code>${refusal.message}</code></p>`
  const body = notePage(text.failed, refusal === undefined ? '' : text.failedAbout, detail || null)
  return sendPage(reply, context, Math.min(status, 500), { lang, title: text.failed, body, styles: accountStyles })
}
