import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCookie, writeCookie } from '../../common/cookies.ts'
import { html } from '../../common/html.ts'
import { languageOf } from '../../common/language.ts'
import { originOf } from '../../http/origin.ts'
import { type AuthorizationRequest, FederatedSignInError } from '../../identity/federated-sign-in.ts'
import { fill } from '../../pages/fill.ts'
import { sendPage } from '../../pages/page.ts'
import { safeReturn } from '../../pages/safe-return.ts'
import type { ConsoleContext } from '../console-context.ts'
import { accountStyles, notePage } from './page.ts'
import { signInTexts } from './texts.ts'

const cookie = 'parley-authorization'
/** Seconds somebody may take at the issuer. */
const lifetime = 900

/** `/signin/with/{issuer}` and `/signin/back`: signing in through an OpenID provider that the settings name. */
export async function federatedRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { federatedSignIn, directory, sessions, audit, config } = context

  app.get<{ Params: { id: string }; Querystring: { return?: string } }>('/signin/with/:id', async (request, reply) => {
    const returnTo = safeReturn(request.query.return, '/meetings')
    try {
      const departure = await federatedSignIn.authorize(request.params.id, backOf(request), returnTo)
      if (departure === undefined) return reply.redirect('/signin', 303)
      keep(request, reply, Buffer.from(JSON.stringify(departure.authorization)).toString('base64url'), lifetime)
      return reply.redirect(departure.url, 303)
    } catch (error) {
      return sendFailure(request, reply, error)
    }
  })

  app.get('/signin/back', async (request, reply) => {
    const authorization = journeyOf(request)
    keep(request, reply, '', 0)
    if (authorization === undefined) return reply.redirect('/signin', 303)
    try {
      const address = new URL(request.raw.url!, originOf(request, config))
      const vouched = await federatedSignIn.callback(authorization, address)
      const user = vouched && (await directory.users.findByUpn(vouched.account))
      if (vouched === undefined) return reply.redirect('/signin', 303)
      if (user === undefined || user.tenantId !== vouched.tenantId || !user.enabled)
        return sendNote(request, reply, 403, (text) =>
          fill(text.issuerUnknown, { name: nameOf(authorization.issuer), account: vouched.account.slice(0, 256) }),
        )
      reply.header('Set-Cookie', await sessions.start(request, user))
      const actor = { id: user.id, name: user.upn, tenantId: user.tenantId, address: request.ip }
      await audit.record(actor, 'signIn', { id: user.id, name: user.upn }, { with: nameOf(authorization.issuer) })
      return reply.redirect(safeReturn(authorization.returnTo, '/meetings'), 303)
    } catch (error) {
      return sendFailure(request, reply, error)
    }
  })

  const backOf = (request: FastifyRequest) => `${originOf(request, config)}/signin/back`
  const nameOf = (id: string) => federatedSignIn.offered().find((each) => each.id === id)?.name ?? ''

  function keep(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
    reply.header('Set-Cookie', writeCookie(cookie, value, { secure: originOf(request, config).startsWith('https:'), maxAge }))
  }

  function sendFailure(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    if (!(error instanceof FederatedSignInError)) throw error
    request.log.warn({ reason: String((error.cause as Error | undefined)?.message ?? error.cause) }, error.message)
    return sendNote(request, reply, 502, (text) => fill(text.issuerFailed, { name: error.issuerName }))
  }

  function sendNote(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    say: (text: (typeof signInTexts)['en']) => string,
  ): FastifyReply {
    const lang = languageOf(request)
    const text = signInTexts[lang]
    const body = notePage(text.title, say(text), html`<p><a class="button" href="/signin">${text.signInAgain}</a></p>`)
    return sendPage(reply, context, status, { lang, title: text.title, body, styles: accountStyles })
  }
}

/** The authorization this browser is on. It is the browser's own to change: all it could do is fail, or go to another page of ours. */
function journeyOf(request: FastifyRequest): AuthorizationRequest | undefined {
  try {
    const text = Buffer.from(readCookie(request.headers.cookie, cookie) ?? '', 'base64url').toString()
    const authorization = JSON.parse(text) as Record<string, unknown>
    const whole = ['issuer', 'state', 'nonce', 'verifier', 'returnTo'].every((name) => typeof authorization[name] === 'string')
    return whole ? (authorization as unknown as AuthorizationRequest) : undefined
  } catch {
    return undefined
  }
}
