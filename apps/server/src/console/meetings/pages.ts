import { type Html, html } from '../../common/html.ts'
import type { Language } from '../../common/language.ts'
import { lobbyScopeOf } from '../../meetings/lobby-scope.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import { fill } from '../../pages/fill.ts'
import {
  buttonForm,
  type Choice,
  checkField,
  confirmForm,
  copyField,
  csrfField,
  doneNote,
  linesField,
  problemNote,
  selectField,
  textField,
} from '../controls.ts'
import type { View } from '../layout.ts'
import { inWords, toWallClock, zones } from '../zone.ts'
import type { ShownState } from './my-meetings.ts'
import { type MeetingForm, offeredKinds } from './read-meeting.ts'
import { type MeetingTexts, meetingTexts } from './texts.ts'

export const pathOf = (meeting: Meeting, rest = '') => `/meetings/${meeting.vtcId}${rest}`

/** The list of a person's meetings. */
export function listPage(view: {
  lang: Language
  zone: string
  meetings: readonly { meeting: Meeting; state: ShownState }[]
  older: string | null
  first: boolean
  done: string | undefined
}): View {
  const text = meetingTexts[view.lang]
  const isPast = ({ state }: { state: ShownState }) => state === 'ended' || state === 'cancelled' || state === 'expired'
  const [past, coming] = [view.meetings.filter(isPast), view.meetings.filter((each) => !isPast(each))]
  const list = (meetings: typeof view.meetings) =>
    html`<ul class="rows">${meetings.map(
      ({ meeting, state }) => html`<li><a href="${pathOf(meeting)}" dir="auto">${meeting.subject ?? text.untitled}</a>
<span class="soft">${when(meeting, view.zone, view.lang)}</span><span class="state state-${state}">${text[state]}</span></li>`,
    )}</ul>`
  const body = html`<div class="title"><h1>${text.title}</h1><a class="button primary" href="/meetings/new">${text.create}</a></div>
${doneNote(view.done)}
${view.meetings.length === 0 && html`<p>${text.none}</p>`}
${coming.length > 0 && html`<h2>${text.coming}</h2>${list(coming)}`}
${past.length > 0 && html`<h2>${text.past}</h2>${list(past)}`}
<p class="pager">${!view.first && html`<a href="/meetings">${text.newest}</a>`} ${view.older !== null && html`<a href="/meetings?before=${encodeURIComponent(view.older)}">${text.more}</a>`}</p>`
  return { title: text.title, body }
}

/** The form of a new meeting (`meeting` null) or of a change. */
export function formPage(view: {
  lang: Language
  csrf: string
  form: MeetingForm
  meeting: Meeting | null
  problem: string | null
}): View {
  const text = meetingTexts[view.lang]
  const { form, meeting } = view
  const title = meeting === null ? text.create : fill(text.editOf, { subject: meeting.subject ?? text.untitled })
  const timed = meeting === null || meeting.meetingType === 'scheduled' || meeting.meetingType === 'broadcast'
  const body = html`<h1>${title}</h1>
${problemNote(view.problem)}
<form method="post" action="${meeting === null ? '/meetings' : pathOf(meeting)}" class="stack form">
${csrfField(view.csrf)}${meeting !== null && html`<input type="hidden" name="revision" value="${meeting.revision}"><input type="hidden" name="kind" value="${form.kind}">`}
${textField('subject', text.subject, form.subject, html` maxlength="500" autofocus dir="auto"`)}
${
  meeting === null &&
  selectField(
    'kind',
    text.kind,
    offeredKinds.map((value) => ({ value, label: text[value] })),
    form.kind,
  )
}
${
  timed &&
  html`<div class="pair" data-times>${textField('start', text.start, form.start, html` type="datetime-local"`)}${textField('end', text.end, form.end, html` type="datetime-local"`)}</div>
${selectField(
  'zone',
  text.zone,
  zones.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
  form.zone,
)}`
}
${selectField('scope', text.lobby, scopeChoices(text), form.scope)}
${linesField('attendees', text.attendees, form.attendees, text.attendeesHelp)}
${linesField('presenters', text.presenters, form.presenters, text.attendeesHelp, 2)}
${linesField('coorganizers', text.coorganizers, form.coorganizers, text.attendeesHelp, 2)}
<div class="actions"><button class="primary">${meeting === null ? text.createButton : text.save}</button><a class="button" href="${meeting === null ? '/meetings' : pathOf(meeting)}">${text.discard}</a></div>
</form>`
  return { title, body, status: view.problem === null ? 200 : 400 }
}

/** What a form starts from. */
export function formOfMeeting(meeting: Meeting, zone: string): MeetingForm {
  const of = (role: string) =>
    meeting.attendees
      .filter((attendee) => (attendee.role ?? 'attendee') === role && attendee.upn !== null)
      .map(({ upn }) => upn)
      .join('\n')
  return {
    subject: meeting.subject ?? '',
    kind: meeting.meetingType,
    start: meeting.startAt === null ? '' : toWallClock(meeting.startAt, zone),
    end: meeting.endAt === null ? '' : toWallClock(meeting.endAt, zone),
    zone,
    scope: lobbyScopeOf(meeting),
    attendees: of('attendee'),
    presenters: of('presenter'),
    coorganizers: of('coorganizer'),
  }
}

export interface MeetingView {
  lang: Language
  csrf: string
  zone: string
  meeting: Meeting
  state: ShownState
  link: string
  invitation: string
  dialin: { numbers: readonly string[]; passcode: string } | null
  personal: readonly { address: string; link: string }[]
  done: string | undefined
}

/** One meeting with everything its organizer gives to others. */
export function meetingPage(view: MeetingView): View {
  const text = meetingTexts[view.lang]
  const { meeting, csrf } = view
  const title = meeting.subject ?? text.untitled
  const closed = view.state === 'cancelled' || view.state === 'expired'
  const body = html`<p class="state state-${view.state}">${text[view.state]}</p>
<h1 dir="auto">${title}</h1>
${doneNote(view.done)}
<div class="actions">
${!closed && html`<a class="button primary" href="${view.link}">${text.joinNow}</a>`}
<a class="button" href="${pathOf(meeting, '/edit')}">${text.edit}</a>
<a class="button" href="${pathOf(meeting, '/options')}">${text.options}</a>
<a class="button" href="${pathOf(meeting, '/attendance')}">${text.attendance}</a>
</div>
<dl>
<dt>${text.when}</dt><dd>${when(meeting, view.zone, view.lang)}</dd>
<dt>${text.lobby}</dt><dd>${scopeChoices(text).find(({ value }) => value === lobbyScopeOf(meeting))?.label}</dd>
<dt>${text.code}</dt><dd class="digits">${meeting.joinCode.replace(/(\d{3})(?=\d)/g, '$1 ')}</dd>
${meeting.joinPasscode !== null && html`<dt>${text.passcode}</dt><dd class="digits">${meeting.joinPasscode}</dd>`}
${view.dialin !== null && html`<dt>${text.phone}</dt><dd>${view.dialin.numbers.map((number) => html`<span class="digits">${number}</span> `)}</dd><dt>${text.phonePasscode}</dt><dd class="digits">${view.dialin.passcode} #</dd>`}
<dt>${text.expires}</dt><dd>${inWords(meeting.expiresAt, view.zone, view.lang)}</dd>
</dl>
<div class="columns"><div>
${copyField('link', text.link, view.link, text.copy, text.copied)}
<div class="field"><label for="invitation">${text.invitation}</label><textarea id="invitation" readonly rows="9" aria-describedby="invitation-help" dir="auto">
${view.invitation}</textarea><span class="soft" id="invitation-help">${text.invitationAbout}</span>
<div class="actions"><button type="button" hidden data-copy="invitation" data-copied="${text.copied}">${text.copy}</button><a class="button" href="${pathOf(meeting, '/calendar.ics')}" download>${text.calendar}</a></div></div>
</div><div>
<a href="${pathOf(meeting, '/qr.svg')}"><img class="qr" src="${pathOf(meeting, '/qr.svg')}" width="180" height="180" alt="${text.qr}"></a>
</div></div>
<h2>${text.invited}</h2>
${meeting.attendees.length === 0 ? html`<p>${text.nobody}</p>` : people(meeting, text)}
${
  view.personal.length > 0 &&
  html`<details><summary>${text.personal}</summary><p class="soft">${text.personalAbout}</p>${view.personal.map(
    ({ address, link }, index) => copyField(`personal-${index}`, address, link, text.copy, text.copied),
  )}</details>`
}
<h2>${text.options}</h2>
<div class="actions">
${
  meeting.cancelledAt === null
    ? confirmForm(pathOf(meeting, '/cancel'), csrf, text.cancel, text.cancelAbout, text.confirm)
    : buttonForm(pathOf(meeting, '/restore'), csrf, text.restore)
}
<a class="button" href="${pathOf(meeting, '/export.json')}" download>${text.export}</a>
${confirmForm(pathOf(meeting, '/delete'), csrf, text.remove, text.removeAbout, text.confirm)}
</div>`
  return { title, body }
}

/** Who may do what in a meeting. */
export function optionsPage(view: {
  lang: Language
  csrf: string
  meeting: Meeting
  problem: string | null
  done: string | undefined
}): View {
  const text = meetingTexts[view.lang]
  const { meeting } = view
  const options = optionsOf(meeting)
  const title = fill(text.optionsOf, { subject: meeting.subject ?? text.untitled })
  const body = html`<h1>${title}</h1>
${problemNote(view.problem)}${doneNote(view.done)}
<form method="post" action="${pathOf(meeting, '/options')}" class="stack form">
${csrfField(view.csrf)}<input type="hidden" name="revision" value="${meeting.revision}">
${selectField('scope', text.lobby, scopeChoices(text), lobbyScopeOf(meeting))}
${checkField('isDialInBypassEnabled', text.dialinBypass, options.isDialInBypassEnabled)}
${selectField('allowedLobbyAdmitters', text.admitters, admitterChoices(text), options.allowedLobbyAdmitters)}
${selectField('allowedPresenters', text.presentersChoice, presenterChoices(text), options.allowedPresenters)}
${checkField('entryExitAnnouncement', text.announce, meeting.entryExitAnnouncement)}
${checkField('allowAttendeeToEnableMic', text.allowMic, options.allowAttendeeToEnableMic)}
${checkField('allowAttendeeToEnableCamera', text.allowCamera, options.allowAttendeeToEnableCamera)}
${checkField('allowTeamworkReactions', text.allowReactions, options.allowTeamworkReactions)}
${checkField('allowParticipantsToChangeName', text.allowRename, options.allowParticipantsToChangeName)}
${selectField('allowMeetingChat', text.chat, chatChoices(text), options.allowMeetingChat)}
${checkField('shareMeetingChatHistoryDefault', text.history, options.shareMeetingChatHistoryDefault === 'all')}
<div class="actions"><button class="primary">${text.save}</button><a class="button" href="${pathOf(meeting)}">${text.discard}</a></div>
</form>
<h2>${text.leader}</h2>
<p>${meeting.leaderPasscode === null ? text.leaderNone : text.leaderAbout}</p>
${meeting.leaderPasscode !== null && html`<p class="digits"><strong>${meeting.leaderPasscode} #</strong></p>`}
<div class="actions">${buttonForm(pathOf(meeting, '/leader'), view.csrf, text.leaderNew)}${meeting.leaderPasscode !== null && buttonForm(pathOf(meeting, '/leader/remove'), view.csrf, text.leaderRemove)}</div>`
  return { title, body, status: view.problem === null ? 200 : 400 }
}

function scopeChoices(text: MeetingTexts): Choice[] {
  return [
    { value: 'organizer', label: text.scopeOrganizer },
    { value: 'invited', label: text.scopeInvited },
    { value: 'organization', label: text.scopeOrganization },
    { value: 'organizationExcludingGuests', label: text.scopeOrganizationExcludingGuests },
    { value: 'organizationAndFederated', label: text.scopeOrganizationAndFederated },
    { value: 'everyone', label: text.scopeEveryone },
  ]
}

const admitterChoices = (text: MeetingTexts): Choice[] => [
  { value: 'organizerAndCoOrganizersAndPresenters', label: text.admittersAll },
  { value: 'organizerAndCoOrganizers', label: text.admittersOrganizers },
]

const presenterChoices = (text: MeetingTexts): Choice[] => [
  { value: 'everyone', label: text.presentEveryone },
  { value: 'organization', label: text.presentOrganization },
  { value: 'roleIsPresenter', label: text.presentRole },
  { value: 'organizer', label: text.presentOrganizer },
]

const chatChoices = (text: MeetingTexts): Choice[] => [
  { value: 'enabled', label: text.chatEnabled },
  { value: 'limited', label: text.chatLimited },
  { value: 'disabled', label: text.chatDisabled },
]

function people(meeting: Meeting, text: MeetingTexts): Html {
  const roles: Record<string, string> = { presenter: text.presenters, coorganizer: text.coorganizers }
  return html`<ul>${meeting.attendees.map(
    ({ upn, identity, role }) =>
      html`<li><bdi>${identity?.user?.displayName ?? upn ?? '?'}</bdi>${identity?.user?.displayName != null && upn !== null && html` <span class="soft">${upn}</span>`}${roles[role ?? ''] !== undefined && html` <span class="soft">(${roles[role ?? '']})</span>`}</li>`,
  )}</ul>`
}

function when(meeting: Meeting, zone: string, lang: Language): string {
  const text = meetingTexts[lang]
  if (meeting.startAt === null) return text.anytime
  const start = inWords(meeting.startAt, zone, lang)
  return `${meeting.endAt === null ? start : `${start} – ${inWords(meeting.endAt, zone, lang)}`} (${zone.replaceAll('_', ' ')})`
}
