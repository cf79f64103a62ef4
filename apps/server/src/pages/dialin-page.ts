import type { Config } from '../config/config.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { numbers, spaced } from './meeting-summary.ts'
import type { PageContent } from './page.ts'
import { texts } from './texts.ts'

/** The page `dialinUrl` opens: the numbers, and the passcode the link carries. It says nothing of whether a meeting has it. */
export function dialinPage(lang: Language, config: Config['dialin'], passcode: string | null, tenantName: string): PageContent {
  const text = texts[lang]
  const none = config.tollNumber === null && config.tollFreeNumber === null
  const list = numbers({ ...config, passcode: passcode ?? '', url: '' }, text)
  const body = html`<main class="card">
<p class="state">${tenantName}</p>
<h1>${text.dialin}</h1>
${
  none
    ? html`<p>${text.dialinNone}</p>`
    : html`<p>${text.dialinAbout}</p><dl>${list}
${passcode !== null && html`<dt>${text.passcode}</dt><dd class="digits">${spaced(passcode)} #</dd>`}</dl>`
}
</main>`
  return { lang, title: text.dialin, body }
}
