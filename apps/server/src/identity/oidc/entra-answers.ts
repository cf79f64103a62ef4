import { randomUUID } from 'node:crypto'
import type { Context as KoaContext, Next } from 'koa'
import type { Clock } from '../../common/clock.ts'
import { type OidcErrorBody, toOAuthError } from './errors.ts'
import { notesOf } from './provider-request.ts'
import { writeScopes } from './scopes.ts'

type Answer = Record<string, unknown>

/**
 * Turn oidc-provider's answers at the token and device endpoints into Entra's: its members, its errors.
 * A middleware in front of a provider's own.
 */
export function completeAnswers(options: {
  clock: Clock
  deviceMessage: (ctx: KoaContext, code: { userCode: string; uri: string }) => string
}) {
  return async (ctx: KoaContext, next: Next): Promise<void> => {
    await next()
    const notes = notesOf(ctx.req)
    if (notes === undefined || typeof ctx.body !== 'object' || ctx.body === null) return
    const body = ctx.body as Answer
    if (typeof body.error === 'string') {
      const refusal = toOAuthError(body as unknown as OidcErrorBody, notes.grant)
      if (refusal === undefined) return
      ctx.status = refusal.status
      const correlationId = ctx.get('client-request-id').slice(0, 64) || randomUUID()
      ctx.body = refusal.toBody({ correlationId, origin: ctx.origin, millis: options.clock.millis() })
    } else if (typeof body.user_code === 'string') {
      const message = options.deviceMessage(ctx, { userCode: body.user_code, uri: String(body.verification_uri) })
      ctx.body = { ...body, interval: 5, message }
    } else if (typeof body.access_token === 'string') {
      ctx.body = completeToken(body, notes.scope)
    }
  }
}

/** A token answer with the members MSAL looks for (contract D.2). */
function completeToken(body: Answer, requested: string | null): Answer {
  const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1]!, 'base64url').toString('utf8')) as {
    oid: string
    tid: string
  }
  const clientInfo = Buffer.from(JSON.stringify({ uid: claims.oid, utid: claims.tid })).toString('base64url')
  return {
    ...body,
    scope: writeScopes(String(body.scope ?? '').split(' '), requested),
    ext_expires_in: body.expires_in,
    client_info: clientInfo,
  }
}
