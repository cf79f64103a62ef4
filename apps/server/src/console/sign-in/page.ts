import { type Html, html } from '../../common/html.ts'
import type { Language } from '../../common/language.ts'
import { fill } from '../../pages/fill.ts'
import { signInTexts } from './texts.ts'

export const accountStyles = ['/static/account.css']

export interface SignInView {
  lang: Language
  csrf: string
  returnTo: string
  upn: string
  problem: string | null
  /** The application somebody signs in for. */
  application: string | null
  /** Issuers outside that can vouch for people. */
  issuers: readonly { id: string; name: string }[]
}

/** The form for account and password; works without scripts. */
export function signInPage(view: SignInView): Html {
  const text = signInTexts[view.lang]
  return html`<main class="card narrow">
<h1>${text.title}</h1>
<p class="soft">${view.application === null ? text.about : fill(text.toApplication, { name: view.application })}</p>
${view.problem !== null && html`<p class="problem" role="alert" id="problem">${view.problem}</p>`}
<form method="post" action="/signin" class="stack">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="return" value="${view.returnTo}">
<label for="upn">${text.account}</label>
<input id="upn" name="upn" type="text" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${view.upn}" placeholder="${text.accountExample}"${view.upn === '' && html` autofocus`}${view.problem !== null && html` aria-describedby="problem"`}>
<label for="password">${text.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${view.upn !== '' && html` autofocus`}>
<button class="primary">${text.submit}</button>
</form>
${
  view.issuers.length > 0 &&
  html`<p class="soft or">${text.or}</p>
${view.issuers.map(
  ({ id, name }) =>
    html`<p class="stack"><a class="button" href="/signin/with/${id}?return=${encodeURIComponent(view.returnTo)}">${fill(text.withIssuer, { name })}</a></p>`,
)}`
}
${languageLink(view.lang, `/signin?return=${encodeURIComponent(view.returnTo)}`)}
</main>`
}

/** The link to the same page in the other language. */
function languageLink(lang: Language, path: string): Html {
  const other = lang === 'es' ? 'en' : 'es'
  const mark = path.includes('?') ? '&' : '?'
  return html`<p class="language"><a href="${path}${mark}lang=${other}" lang="${other}" hreflang="${other}">${signInTexts[lang].language}</a></p>`
}

/** A page that says one thing. */
export function notePage(title: string, about: string, rest: Html | null = null): Html {
  return html`<main class="card narrow"><h1>${title}</h1><p>${about}</p>${rest}</main>`
}
