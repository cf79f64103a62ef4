import { randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { type Html, html } from '../common/html.ts'
import type { Language } from '../common/language.ts'
import type { Config } from '../config/config.ts'
import type { Assets } from './assets.ts'

/** What every page needs of the server. */
export interface PageContext {
  config: Pick<Config, 'publicUrl' | 'media'>
}

export interface PageContent {
  lang: Language
  title: string
  body: Html
  /** Load the application built from apps/web. */
  app?: Assets | undefined
  /** Style sheets of ours besides the common one. */
  styles?: readonly string[]
  /** Modules of ours that make the page more pleasant; it works without them. */
  scripts?: readonly string[]
  /** Origins (or `scheme:`) besides our own to which a form's answer may lead on, as sign-in does for applications. */
  formAction?: readonly string[]
}

/** Send a whole HTML document under a strict Content-Security-Policy. Nothing in it comes from outside this server. */
export function sendPage(reply: FastifyReply, context: PageContext, status: number, content: PageContent): FastifyReply {
  const { headers, body } = renderPage(context, content)
  return reply.code(status).headers(headers).send(body)
}

/** The document and the headers it must be sent with. */
export function renderPage(context: PageContext, content: PageContent): { headers: Record<string, string>; body: string } {
  const nonce = randomBytes(16).toString('base64')
  return {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': securityPolicy(context, nonce, content.formAction ?? []),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
      Vary: 'Accept-Language',
    },
    body: document(content, nonce).text,
  }
}

function securityPolicy(context: PageContext, nonce: string, formAction: readonly string[]): string {
  const external = context.config.media.external
  const media = external === null ? '' : ` ${mediaOrigins(external.url).join(' ')}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src 'self' ws://${new URL(context.config.publicUrl).host} wss://${new URL(context.config.publicUrl).host}${media}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    ["form-action 'self'", ...formAction].join(' '),
    "frame-ancestors 'none'",
  ].join('; ')
}

/** livekit-client asks the same host over WebSocket and over http. */
function mediaOrigins(url: string): string[] {
  const { host, protocol } = new URL(url)
  return protocol === 'ws:' || protocol === 'http:' ? [`ws://${host}`, `http://${host}`] : [`wss://${host}`, `https://${host}`]
}

function document({ lang, title, body, app, styles, scripts }: PageContent, nonce: string): Html {
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta property="csp-nonce" nonce="${nonce}">
<title>${title}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/parley.css">
${styles?.map((href) => html`<link rel="stylesheet" href="${href}">\n`)}${scripts?.map((href) => html`<script type="module" src="${href}"></script>\n`)}${app?.styles.map((href) => html`<link rel="stylesheet" href="${href}">\n`)}${app && html`<script type="module" src="${app.script}"></script>`}
</head>
<body>
${body}
</body>
</html>
`
}
