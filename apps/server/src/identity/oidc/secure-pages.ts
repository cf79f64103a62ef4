import { createHash } from 'node:crypto'
import type { Context as KoaContext, Next } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { formActionOf } from './form-action.ts'

/**
 * A Content-Security-Policy for the one page oidc-provider makes itself: the form that carries an answer to the application
 * (response_mode=form_post). It may run its own script, post to where the application is, and nothing else.
 */
export async function securePages(ctx: KoaContext, next: Next): Promise<void> {
  await next()
  if (typeof ctx.body !== 'string' || !ctx.response.is('html') || ctx.response.get('Content-Security-Policy') !== '') return
  const start = ctx.body.indexOf('<script>')
  const end = ctx.body.indexOf('</script>')
  const script = start < 0 ? '' : ctx.body.slice(start + '<script>'.length, end)
  const hash = createHash('sha256').update(script).digest('base64')
  const action = formActionOf((ctx as KoaContextWithOIDC).oidc?.params?.redirect_uri)
  ctx.set({
    'Content-Security-Policy': [
      "default-src 'none'",
      `script-src 'sha256-${hash}'`,
      ["form-action 'self'", ...action].join(' '),
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  })
}
