import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../config/context.ts'
import { readCookie, writeCookie } from '../../http/cookies.ts'
import { originOf } from '../../http/origin.ts'
import { type Journey, OutsideSignInError } from '../../identity/outside-sign-in.ts'
import { fill } from '../../pages/fill.ts'
import { html } from '../../pages/html.ts'
import { languageOf } from '../../pages/language.ts'
import { sendPage } from '../../pages/page.ts'
import { safeReturn } from '../../pages/safe-return.ts'
import { accountStyles, notePage } from './page.ts'
import { signInTexts } from './texts.ts'

const cookie = 'parley-journey'
/** Seconds somebody may take at the issuer. */
const lifetime = 900

/** `/signin/with/{issuer}` and `/signin/back`: signing in through an OpenID provider that the settings name. */
export async function outsideRoutes(app: FastifyInstance, context: Context): Promise<void> {
  const { outsideSignIn, directory, sessions, audit, config } = context

  app.get<{ Params: { id: string }; Querystring: { return?: string } }>('/signin/with/:id', async (request, reply) => {
    const returnTo = safeReturn(request.query.return, '/meetings')
    try {
      const departure = await outsideSignIn.depart(request.params.id, backOf(request), returnTo)
      if (departure === undefined) return reply.redirect('/signin', 303)
      keep(request, reply, Buffer.from(JSON.stringify(departure.journey)).toString('base64url'), lifetime)
      return reply.redirect(departure.url, 303)
    } catch (error) {
      return sendFailure(request, reply, error)
    }
  })

  app.get('/signin/back', async (request, reply) => {
    const journey = journeyOf(request)
    keep(request, reply, '', 0)
    if (journey === undefined) return reply.redirect('/signin', 303)
    try {
      const address = new URL(request.raw.url!, originOf(request, config))
      const vouched = await outsideSignIn.arrive(journey, address)
      const user = vouched && (await directory.findUserByUpn(vouched.account))
      if (vouched === undefined) return reply.redirect('/signin', 303)
      if (user === undefined || user.tenant_id !== vouched.tenantId || user.enabled === 0)
        return sendNote(request, reply, 403, (text) =>
          fill(text.issuerUnknown, { name: nameOf(journey.issuer), account: vouched.account.slice(0, 256) }),
        )
      reply.header('Set-Cookie', await sessions.start(request, user))
      const actor = { id: user.id, name: user.upn, tenantId: user.tenant_id, address: request.ip }
      await audit.record(actor, 'signIn', { id: user.id, name: user.upn }, { with: nameOf(journey.issuer) })
      return reply.redirect(safeReturn(journey.returnTo, '/meetings'), 303)
    } catch (error) {
      return sendFailure(request, reply, error)
    }
  })

  const backOf = (request: FastifyRequest) => `${originOf(request, config)}/signin/back`
  const nameOf = (id: string) => outsideSignIn.offered().find((each) => each.id === id)?.name ?? ''

  function keep(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
    reply.header('Set-Cookie', writeCookie(cookie, value, { secure: originOf(request, config).startsWith('https:'), maxAge }))
  }

  function sendFailure(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    if (!(error instanceof OutsideSignInError)) throw error
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

/** The journey this browser is on. It is the browser's own to change: all it could do is fail, or go to another page of ours. */
function journeyOf(request: FastifyRequest): Journey | undefined {
  try {
    const text = Buffer.from(readCookie(request.headers.cookie, cookie) ?? '', 'base64url').toString()
    const journey = JSON.parse(text) as Record<string, unknown>
    const whole = ['issuer', 'state', 'nonce', 'verifier', 'returnTo'].every((name) => typeof journey[name] === 'string')
    return whole ? (journey as unknown as Journey) : undefined
  } catch {
    return undefined
  }
}
