import { html } from '../common/html.ts'
import type { Language } from '../common/language.ts'
import type { Config } from '../config/config.ts'
import { numbers, softphone, spaced } from './meeting-summary.ts'
import type { PageContent } from './page.ts'
import { telephoneKeys } from './telephone-keys.ts'
import { texts } from './texts.ts'

export interface DialinContent {
  lang: Language
  numbers: Pick<Config['dialin'], 'tollNumber' | 'tollFreeNumber'>
  /** The one the link carries. */
  passcode: string | null
  tenantName: string
  sip: string | null
}

/** The page `dialinUrl` opens: the numbers, and the passcode the link carries. It says nothing of whether a meeting has it. */
export function dialinPage({
  lang,
  numbers: { tollNumber, tollFreeNumber },
  passcode,
  tenantName,
  sip,
}: DialinContent): PageContent {
  const text = texts[lang]
  const none = tollNumber === null && tollFreeNumber === null
  const list = numbers({ tollNumber, tollFreeNumber, passcode: passcode ?? '', url: '', sip }, text)
  const body = html`<main class="card">
<p class="state">${tenantName}</p>
<h1>${text.dialin}</h1>
${
  none
    ? html`<p>${text.dialinNone}</p>`
    : html`<p>${text.dialinAbout}</p><dl>${list}
${softphone(sip, text)}
${passcode !== null && html`<dt>${text.passcode}</dt><dd class="digits">${spaced(passcode)} #</dd>`}</dl>
<h2>${text.dialinKeys}</h2>
<dl>${telephoneKeys[lang].map(([keys, does]) => html`<dt class="digits">${keys}</dt><dd>${does}</dd>`)}</dl>`
}
</main>`
  return { lang, title: text.dialin, body }
}
