import type { Language } from '../../common/language.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { fill } from '../../pages/fill.ts'
import { telephoneKeys } from '../../pages/telephone-keys.ts'
import { inWords } from '../zone.ts'
import { meetingTexts } from './texts.ts'

/** The text an organizer sends: when, the link, the code, the telephone. */
export function invitationText(about: {
  lang: Language
  zone: string
  meeting: Meeting
  organizer: string
  link: string
  joinPage: string
  dialin: { numbers: readonly string[]; passcode: string } | null
}): string {
  const { lang, zone, meeting, dialin } = about
  const text = meetingTexts[lang]
  const lines = [fill(text.inviteLine, { organizer: about.organizer, subject: meeting.subject ?? text.untitled })]
  if (meeting.startAt !== null) {
    const end = meeting.endAt === null ? '' : ` – ${inWords(meeting.endAt, zone, lang)}`
    lines.push(`${inWords(meeting.startAt, zone, lang)}${end} (${zone})`)
  }
  lines.push('', text.inviteLink, about.link, '', fill(text.inviteCode, { url: about.joinPage }))
  const code = meeting.joinCode.replace(/(\d{3})(?=\d)/g, '$1 ')
  lines.push(`${text.code}: ${code}${meeting.joinPasscode === null ? '' : `   ${text.passcode}: ${meeting.joinPasscode}`}`)
  if (dialin !== null) {
    const keys = telephoneKeys[lang].map(([key, does]) => `${key} ${does}`).join(', ')
    lines.push('', text.invitePhone, ...dialin.numbers, `${text.phonePasscode}: ${dialin.passcode} #`)
    lines.push(`${text.inviteKeys}: ${keys}`)
  }
  return lines.join('\n')
}
