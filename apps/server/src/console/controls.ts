import { type Html, html } from '../common/html.ts'

/** One of a list of values a form offers. */
export interface Choice {
  value: string
  label: string
}

/** A text field with its label; `rest` are further attributes. */
export function textField(name: string, label: string, value: string, rest: Html | null = null): Html {
  return html`<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${value}"${rest}></div>`
}

/** Text of several lines. */
export function linesField(name: string, label: string, value: string, help: string, rows = 4): Html {
  return html`<div class="field"><label for="${name}">${label}</label><textarea id="${name}" name="${name}" rows="${rows}" spellcheck="false" aria-describedby="${name}-help">
${value}</textarea><span class="soft" id="${name}-help">${help}</span></div>`
}

/** One of several. */
export function selectField(name: string, label: string, choices: readonly Choice[], chosen: string): Html {
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${choices.map(
    ({ value, label: shown }) => html`<option value="${value}"${value === chosen && html` selected`}>${shown}</option>`,
  )}</select></div>`
}

/** On or off. */
export function checkField(name: string, label: string, on: boolean, value = 'on'): Html {
  return html`<div class="check"><input type="checkbox" id="${name}-${value}" name="${name}" value="${value}"${on && html` checked`}><label for="${name}-${value}">${label}</label></div>`
}

/** What was wrong with a form, told first. */
export function problemNote(problem: string | null): Html | false {
  return problem !== null && html`<p class="problem" role="alert">${problem}</p>`
}

/** What was done. */
export function doneNote(done: string | undefined): Html | false {
  return done !== undefined && html`<p class="done" role="status">${done}</p>`
}

export const csrfField = (csrf: string): Html => html`<input type="hidden" name="csrf" value="${csrf}">`

/** A change made by one button. */
export function buttonForm(action: string, csrf: string, label: string, kind = ''): Html {
  return html`<form method="post" action="${action}">${csrfField(csrf)}<button class="${kind}">${label}</button></form>`
}

/** A change that is hard to undo: its button is behind a summary, with what it does. */
export function confirmForm(action: string, csrf: string, label: string, about: string, confirm: string): Html {
  return html`<details class="confirm"><summary class="button">${label}</summary><div><p>${about}</p>${buttonForm(action, csrf, confirm, 'danger')}</div></details>`
}

/** A value to be copied; the button works once the page's script has loaded. */
export function copyField(id: string, label: string, value: string, copy: string, copied: string): Html {
  return html`<div class="field"><label for="${id}">${label}</label><div class="copy"><input id="${id}" readonly value="${value}"><button type="button" hidden data-copy="${id}" data-copied="${copied}">${copy}</button></div></div>`
}

/** A table that scrolls by itself on narrow screens. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number | null)[])[],
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption class="hidden">${caption}</caption><thead><tr>${heads.map(
    (head) => html`<th scope="col">${head}</th>`,
  )}</tr></thead><tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}
