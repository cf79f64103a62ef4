import type { KoaContextWithOIDC } from 'oidc-provider'
import { type Html, html } from '../../common/html.ts'
import { type Language, languageOf } from '../../common/language.ts'
import { formActionOf } from '../../identity/oidc/form-action.ts'
import type { OidcPages } from '../../identity/oidc/provider.ts'
import { fill } from '../../pages/fill.ts'
import { renderPage } from '../../pages/page.ts'
import type { ConsoleContext } from '../console-context.ts'
import { accountStyles, notePage } from './page.ts'
import { signInTexts } from './texts.ts'

/** Pages of ours that oidc-provider shows: the code of a device, signing out, and what went wrong. */
export function oidcPages(context: ConsoleContext): OidcPages {
  return {
    deviceMessage(ctx, { userCode, uri }) {
      const { text } = textsOf(ctx)
      return fill(text.deviceMessage, { uri, code: userCode })
    },
    deviceCode(ctx, problem) {
      const { lang, text } = textsOf(ctx)
      const shown = problem === null ? null : problem === 'aborted' ? text.deviceAborted : text.deviceWrong
      const body = html`<main class="card narrow">
<h1>${text.deviceTitle}</h1>
<p class="soft">${text.deviceAbout}</p>
${shown !== null && html`<p class="problem" role="alert" id="problem">${shown}</p>`}
<form method="post" action="${pathOf(ctx)}" class="stack">
<input type="hidden" name="xsrf" value="${secretOf(ctx)}">
<label for="code">${text.deviceCode}</label>
<input id="code" name="user_code" class="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="20" autofocus${shown !== null && html` aria-describedby="problem"`}>
<button class="primary">${text.next}</button>
</form>
</main>`
      show(ctx, lang, text.deviceTitle, body, problem === null ? 200 : 400)
    },
    deviceConfirm(ctx, name, userCode) {
      const { lang, text } = textsOf(ctx)
      const body = html`<main class="card narrow">
<h1>${text.deviceConfirm}</h1>
<p>${fill(text.deviceConfirmAbout, { name })}</p>
<p class="code"><strong>${userCode}</strong></p>
<form method="post" action="${pathOf(ctx)}" class="stack">
<input type="hidden" name="xsrf" value="${secretOf(ctx)}">
<input type="hidden" name="user_code" value="${userCode}">
<button class="primary" name="confirm" value="yes">${text.continue}</button>
<button name="abort" value="yes">${text.refuse}</button>
</form>
</main>`
      show(ctx, lang, text.deviceConfirm, body)
    },
    deviceDone(ctx, name) {
      const { lang, text } = textsOf(ctx)
      show(ctx, lang, text.deviceDone, notePage(text.deviceDone, fill(text.deviceDoneAbout, { name })))
    },
    async signOut(ctx) {
      const { lang, text } = textsOf(ctx)
      const session = await context.sessions.find({ raw: ctx.req })
      const body = html`<main class="card narrow">
<h1>${text.signOutTitle}</h1>
<p>${text.signOutAbout}</p>
<form method="post" action="${new URL(ctx.oidc.urlFor('end_session_confirm')).pathname}" class="stack">
<input type="hidden" name="xsrf" value="${secretOf(ctx)}">
${session !== undefined && html`<input type="hidden" name="csrf" value="${session.csrf}">`}
<button class="primary" name="logout" value="yes">${text.signOut}</button>
<button>${text.stay}</button>
</form>
</main>`
      show(ctx, lang, text.signOutTitle, body)
    },
    signedOut(ctx) {
      const { lang, text } = textsOf(ctx)
      show(ctx, lang, text.signedOut, notePage(text.signedOut, ''))
    },
    error(ctx, error, description) {
      const { lang, text } = textsOf(ctx)
      const detail = html`<p class="detail"><code>${error}</code>${description !== undefined && html`<br>${description}`}</p>`
      show(ctx, lang, text.failed, notePage(text.failed, text.failedAbout, detail), ctx.status)
    },
  }

  function show(ctx: KoaContextWithOIDC, lang: Language, title: string, body: Html, status = 200): void {
    // Signing out may lead on to where the application wants people to be afterwards.
    const formAction = formActionOf(ctx.oidc?.session?.state?.postLogoutRedirectUri)
    const page = renderPage(context, { lang, title, body, styles: accountStyles, formAction })
    ctx.status = status
    ctx.set(page.headers)
    ctx.body = page.body
  }
}

function textsOf(ctx: Pick<KoaContextWithOIDC, 'headers' | 'query'>) {
  const lang = languageOf({ headers: ctx.headers, query: ctx.query })
  return { lang, text: signInTexts[lang] }
}

const pathOf = (ctx: KoaContextWithOIDC) => new URL(ctx.oidc.urlFor('code_verification')).pathname
const secretOf = (ctx: KoaContextWithOIDC) => String(ctx.oidc.session?.state?.secret ?? '')
