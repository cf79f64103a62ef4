import { type Html, html } from '../common/html.ts'
import type { Instant } from '../common/instant.ts'
import { millisOf } from '../common/instant.ts'
import type { Language } from '../common/language.ts'
import type { Meeting, MeetingState } from '../meetings/meeting.ts'
import { type Texts, texts } from './texts.ts'

export interface Dialin {
  tollNumber: string | null
  tollFreeNumber: string | null
  passcode: string
  url: string
  /** What a softphone on this machine can call; the demo has one. */
  sip: string | null
}

export interface Summary {
  lang: Language
  meeting: Meeting
  state: MeetingState
  organizer: string
  dialin: Dialin | null
}

/** What a meeting is, readable without scripts; the application takes its place once it has loaded. */
export function meetingSummary({ lang, meeting, state, organizer, dialin }: Summary): Html {
  const text = texts[lang]
  const closed = state === 'cancelled' || state === 'expired'
  return html`<main class="card">
<p class="state state-${state}">${text[state]}</p>
<h1 dir="auto">${meeting.subject ?? text.untitled}</h1>
${closed && html`<p>${state === 'cancelled' ? text.cancelledAbout : text.expiredAbout}</p>`}
<dl>
<dt>${text.organizer}</dt><dd><bdi>${organizer}</bdi></dd>
<dt>${text.when}</dt><dd>${when(meeting, lang)}</dd>
</dl>
${!closed && html`<noscript><p>${text.noScript}</p></noscript>`}
${!closed && dialin !== null && dialinBlock(dialin, text)}
</main>`
}

/** The dial-in block: numbers that call when tapped, typing the passcode. */
function dialinBlock(dialin: Dialin, text: Texts): Html {
  return html`<section aria-labelledby="dialin">
<h2 id="dialin">${text.dialin}</h2>
<dl>
${numbers(dialin, text)}
${softphone(dialin.sip, text)}
<dt>${text.passcode}</dt><dd class="digits">${spaced(dialin.passcode)} #</dd>
</dl>
<p><a href="${dialin.url}">${text.dialinPage}</a></p>
</section>`
}

/** Each number with a `tel:` link that waits for the greeting and types the passcode. */
export function numbers(dialin: Dialin, text: Texts): Html[] {
  return [
    [text.tollNumber, dialin.tollNumber],
    [text.tollFreeNumber, dialin.tollFreeNumber],
  ].flatMap(([name, number]) =>
    number == null
      ? []
      : [
          html`<dt>${name}</dt><dd><a class="digits" href="tel:${number}${dialin.passcode === '' ? '' : `,,${dialin.passcode}%23`}" aria-description="${text.callNow}">${number}</a></dd>`,
        ],
  )
}

/** The address for softphones. */
export function softphone(sip: string | null, text: Texts): Html | false {
  return sip !== null && html`<dt>${text.sip}</dt><dd><a class="digits" href="${sip}">${sip}</a></dd>`
}

/** Digits in groups of three, easier to read and to type. */
export function spaced(digits: string): string {
  // The last group takes four rather than leave one digit alone.
  return digits.replace(/(\d{3})(?=\d{3})/g, '$1 ')
}

function when(meeting: Meeting, lang: Language): Html {
  const text = texts[lang]
  if (meeting.startAt === null) return html`${text.anytime}`
  const start = time(meeting.startAt, lang)
  return meeting.endAt === null
    ? html`${text.from} ${start} ${text.utc}`
    : html`${start} – ${time(meeting.endAt, lang)} ${text.utc}`
}

function time(instant: Instant, lang: Language): Html {
  const date = new Date(millisOf(instant))
  const shown = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(date)
  return html`<time datetime="${date.toISOString()}">${shown}</time>`
}
