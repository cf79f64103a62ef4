import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { errors, Interaction, Provider } from 'oidc-provider'
import { html } from '../../common/html.ts'
import { millisOf } from '../../common/instant.ts'
import { languageOf } from '../../common/language.ts'
import { formActionOf } from '../../identity/oidc/form-action.ts'
import { messageFor } from '../../identity/oidc/provider-request.ts'
import { graphResource } from '../../identity/oidc/scopes.ts'
import { isCsrfToken, type Session } from '../../identity/session.ts'
import { fill } from '../../pages/fill.ts'
import { sendPage } from '../../pages/page.ts'
import type { ConsoleContext } from '../console-context.ts'
import { formOf, isCrossSite } from '../form.ts'
import { accountStyles, notePage } from './page.ts'
import { describeScope, signInTexts } from './texts.ts'

type InteractionRequest = FastifyRequest<{ Params: { tenant: string; uid: string } }>

/** `/{tenant}/interaction/{uid}`: what oidc-provider asks of a person before it answers an application: who they are, and what they allow. */
export async function interactionRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  app.get('/:tenant/interaction/:uid', async (request: InteractionRequest, reply) => {
    const found = await open(request, reply)
    if (found === undefined) return sendExpired(request, reply)
    const { interaction, session, path } = found
    if (interaction.prompt.name === 'login') {
      if (session === undefined || !isFresh(interaction, session)) return askForSignIn(reply, interaction, session, path)
      return finish(request, reply, found, { login: { accountId: session.user.id, remember: true } })
    }
    if (session === undefined || session.user.id !== interaction.session?.accountId)
      return askForSignIn(reply, interaction, session, path)
    return sendConsent(request, reply, found.provider, interaction, session)
  })

  app.post('/:tenant/interaction/:uid', async (request: InteractionRequest, reply) => {
    const found = await open(request, reply)
    if (found === undefined) return sendExpired(request, reply)
    const { interaction, session, provider } = found
    const form = formOf(request)
    const mine = session !== undefined && session.user.id === interaction.session?.accountId
    if (!mine || isCrossSite(request) || !isCsrfToken(session, form.get('csrf')) || interaction.prompt.name !== 'consent')
      return sendExpired(request, reply, 403)
    if (form.get('decision') !== 'accept')
      return finish(request, reply, found, { error: 'access_denied', error_description: 'the user refused' })
    const clientId = String(interaction.params.client_id)
    const scopes = scopesOf(interaction)
    const grantId = await context.consents.allow(provider, session.user.id, clientId, scopes)
    const actor = { id: session.user.id, name: session.user.upn, tenantId: session.user.tenantId, address: request.ip }
    const client = await provider.Client.find(clientId)
    await context.audit.record(actor, 'consent.allow', { id: clientId, name: client?.clientName ?? clientId }, { scopes })
    return finish(request, reply, found, { consent: { grantId } }, true)
  })

  interface Open {
    provider: Provider
    tenantId: string
    interaction: Interaction
    session: Session | undefined
    path: string
  }

  /** The interaction this browser holds the cookie of, and who is signed in; a session of another tenant is none. */
  async function open(request: InteractionRequest, reply: FastifyReply): Promise<Open | undefined> {
    const tenant = await context.directory.tenants.find(request.params.tenant)
    if (tenant === undefined) return undefined
    const provider = await context.oidcProviders.provider(tenant.id)
    const path = `/${tenant.id}/interaction/${request.params.uid}`
    const message = messageFor(context, request, { tenantId: tenant.id, path, parameters: new URLSearchParams() })
    try {
      const interaction = await provider.interactionDetails(message, reply.raw)
      if (interaction.uid !== request.params.uid) return undefined
      const session = await context.sessions.find(request)
      return {
        provider,
        tenantId: tenant.id,
        interaction,
        path,
        session: session?.user.tenantId === tenant.id ? session : undefined,
      }
    } catch (error) {
      if ((error as errors.OIDCProviderError).name === 'SessionNotFound') return undefined
      throw error
    }
  }

  async function finish(
    request: InteractionRequest,
    reply: FastifyReply,
    { provider, tenantId, path }: Open,
    result: Parameters<Provider['interactionResult']>[2],
    mergeWithLastSubmission = false,
  ): Promise<FastifyReply> {
    const message = messageFor(context, request, { tenantId, path, parameters: new URLSearchParams() })
    const returnTo = await provider.interactionResult(message, reply.raw, result, { mergeWithLastSubmission })
    return reply.redirect(returnTo, 303)
  }

  async function sendConsent(
    request: InteractionRequest,
    reply: FastifyReply,
    provider: Provider,
    interaction: Interaction,
    session: Session,
  ): Promise<FastifyReply> {
    const lang = languageOf(request)
    const text = signInTexts[lang]
    const client = await provider.Client.find(String(interaction.params.client_id))
    const name = client?.clientName ?? ''
    const title = fill(text.consentTitle, { name })
    const described = [...new Set(scopesOf(interaction).map((scope) => describeScope(text, scope) ?? scope))]
    const path = `/${session.user.tenantId}/interaction/${interaction.uid}`
    const body = html`<main class="card narrow">
<h1>${title}</h1>
<p>${fill(text.consentAbout, { account: session.user.upn })}</p>
<ul class="scopes">${described.map((line) => html`<li>${line}</li>`)}</ul>
<p class="soft">${text.consentNote}</p>
<form method="post" action="${path}" class="stack">
<input type="hidden" name="csrf" value="${session.csrf}">
<button class="primary" name="decision" value="accept">${text.accept}</button>
<button name="decision" value="refuse">${text.refuse}</button>
</form>
<p><a href="/signin?again=1&return=${encodeURIComponent(path)}">${text.otherAccount}</a></p>
</main>`
    const formAction = formActionOf(interaction.params.redirect_uri)
    return sendPage(reply, context, 200, { lang, title, body, styles: accountStyles, formAction })
  }

  async function sendExpired(request: InteractionRequest, reply: FastifyReply, status = 400): Promise<FastifyReply> {
    const lang = languageOf(request)
    const text = signInTexts[lang]
    const body = notePage(text.expired, text.expiredAbout)
    return sendPage(reply, context, status, { lang, title: text.expired, body, styles: accountStyles })
  }
}

/** Whether a sign-in counts for an interaction: `prompt=login` and `max_age` want one made for it. */
function isFresh(interaction: Interaction, session: Session): boolean {
  const asked = String(interaction.params.prompt ?? '').split(' ')
  if (!asked.includes('login') && interaction.params.max_age === undefined) return true
  return millisOf(session.signedInAt) >= interaction.iat * 1000
}

function askForSignIn(reply: FastifyReply, interaction: Interaction, session: Session | undefined, path: string): FastifyReply {
  const query = new URLSearchParams({ return: path })
  if (session !== undefined) query.set('again', '1')
  const hint = interaction.params.login_hint
  if (typeof hint === 'string') query.set('hint', hint)
  return reply.redirect(`/signin?${query}`, 303)
}

/** Everything an application still lacks permission for. */
function scopesOf(interaction: Interaction): string[] {
  const { missingOIDCScope = [], missingResourceScopes = {} } = interaction.prompt.details as {
    missingOIDCScope?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  const asked = String(interaction.params.scope ?? '').split(' ')
  const missing = [...missingOIDCScope, ...(missingResourceScopes[graphResource] ?? [])]
  return [...new Set(missing.length > 0 ? missing : asked)]
}
