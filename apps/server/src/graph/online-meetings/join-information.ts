import type { Language } from '../../common/language.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { AudioConferencing } from './audio-conferencing.ts'

const words = {
  en: {
    join: 'Join the meeting',
    id: 'Meeting ID',
    passcode: 'Passcode',
    dial: 'Join by phone',
    conference: 'Phone conference ID',
  },
  es: {
    join: 'Entrar en la reunión',
    id: 'Id. de la reunión',
    passcode: 'Código de acceso',
    dial: 'Entrar por teléfono',
    conference: 'Id. de conferencia telefónica',
  },
} as const

/** `joinInformation`: an HTML fragment for an invitation, as a `data:` address (contract B.8). */
export function joinInformation(about: { meeting: Meeting; link: string; audio: AudioConferencing; language: Language }) {
  const { meeting, link, audio, language } = about
  const text = words[language]
  const lines = [
    `<p><a href="${escapeHtml(link)}">${text.join}</a></p>`,
    `<p>${text.id}: ${meeting.joinCode}</p>`,
    ...(meeting.joinPasscode === null ? [] : [`<p>${text.passcode}: ${escapeHtml(meeting.joinPasscode)}</p>`]),
    ...(audio === null ? [] : [dialIn(audio, text)]),
  ]
  // Without a charset a data: address is ASCII, so everything else is written as a reference.
  const html = `<div lang="${language}">${lines.join('')}</div>`.replace(/[^ -~]/gu, (each) => `&#${each.codePointAt(0)};`)
  return { contentType: 'html', content: `data:text/html,${encodeURIComponent(html)}` }
}

function dialIn(audio: NonNullable<AudioConferencing>, text: (typeof words)[Language]): string {
  const numbers = [...audio.tollNumbers, ...audio.tollFreeNumbers].map(
    (number) => `<a href="tel:${escapeHtml(number)},,${audio.conferenceId}#">${escapeHtml(number)}</a>`,
  )
  return `<p><a href="${escapeHtml(audio.dialinUrl)}">${text.dial}</a>: ${numbers.join(', ')}. ${text.conference}: ${audio.conferenceId}#</p>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
