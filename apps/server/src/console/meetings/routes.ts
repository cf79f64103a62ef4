import type { FastifyInstance } from 'fastify'
import QRCode from 'qrcode'
import { readCookie } from '../../common/cookies.ts'
import { addMillis, instantFromMillis, parseInstant } from '../../common/instant.ts'
import { calendarFile } from '../../meetings/calendar-file.ts'
import { newLeaderPasscode } from '../../meetings/ids.ts'
import { joinUrl } from '../../meetings/links.ts'
import { lobbyScopes, withLobbyScope } from '../../meetings/lobby-scope.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { MeetingError } from '../../meetings/meeting-error.ts'
import type { MeetingPatch } from '../../meetings/meeting-manager.ts'
import { chatModes, lobbyAdmitterChoices, optionsOf, presenterChoices } from '../../meetings/meeting-options.ts'
import type { ConsoleContext } from '../console-context.ts'
import { field } from '../form.ts'
import { PageError } from '../page-error.ts'
import { type Handler, type PageRequest, signedIn } from '../page-request.ts'
import { toWallClock, zoneOf } from '../zone.ts'
import { attendanceCsv, attendancePage, type Report } from './attendance-page.ts'
import { exportFile } from './export-file.ts'
import { invitationText } from './invitation.ts'
import { listMine, shownState } from './my-meetings.ts'
import { formOfMeeting, formPage, listPage, meetingPage, optionsPage, pathOf } from './pages.ts'
import { type MeetingForm, meetingFormOf, readMeeting } from './read-meeting.ts'
import { meetingTexts } from './texts.ts'

const pageSize = 50
const hour = 3_600_000

/** `/meetings`: what an organizer does with their meetings. Nobody else's can be seen or changed here. */
export async function meetingRoutes(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { get, post } = signedIn(app, context, { admin: false })
  get('/meetings', list)
  get('/meetings/new', async (visit) => formPage({ ...common(visit), form: blank(visit), meeting: null, problem: null }))
  post('/meetings', create)
  get('/meetings/:id', show)
  post('/meetings/:id', change)
  get('/meetings/:id/edit', async (visit) => {
    const meeting = await mine(visit)
    return formPage({ ...common(visit), form: formOfMeeting(meeting, zoneFor(visit)), meeting, problem: null })
  })
  get('/meetings/:id/options', async (visit) =>
    optionsPage({ ...common(visit), meeting: await mine(visit), problem: null, done: doneOf(visit) }),
  )
  post('/meetings/:id/options', changeOptions)
  post('/meetings/:id/leader', async (visit) => setLeader(visit, newLeaderPasscode()))
  post('/meetings/:id/leader/remove', async (visit) => setLeader(visit, null))
  post('/meetings/:id/cancel', async (visit) => cancel(visit, true))
  post('/meetings/:id/restore', async (visit) => cancel(visit, false))
  post('/meetings/:id/delete', remove)
  get('/meetings/:id/calendar.ics', calendar)
  get('/meetings/:id/qr.svg', qr)
  get('/meetings/:id/export.json', async (visit) => {
    const meeting = await mine(visit)
    await note(visit, 'meeting.export', meeting)
    return exportFile(visit.context, meeting)
  })
  get('/meetings/:id/attendance', async (visit) => {
    const meeting = await mine(visit)
    return attendancePage({ lang: visit.lang, zone: zoneFor(visit), meeting, reports: await reportsOf(visit.context, meeting) })
  })
  get('/meetings/:id/attendance/:session', download)
}

const list: Handler = async (visit) => {
  const before = parseInstant(visit.query.get('before') ?? '')
  const found = await listMine(visit.context.db, visit.user, { limit: pageSize + 1, before })
  const meetings = found.slice(0, pageSize)
  const now = visit.context.clock.now()
  return listPage({
    lang: visit.lang,
    zone: zoneFor(visit),
    meetings: meetings.map((meeting) => ({ meeting, state: shownState(meeting, now) })),
    older: found.length > pageSize ? meetings.at(-1)!.createdAt : null,
    first: before === undefined,
    done: doneOf(visit),
  })
}

const create: Handler = async (visit) => {
  const form = meetingFormOf(visit.form)
  const input = await readMeeting(form, meetingTexts[visit.lang], visit.context, visit.user.tenantId)
  if (typeof input === 'string') return formPage({ ...common(visit), form, meeting: null, problem: input })
  const meeting = await visit.context.meetings.create({
    tenantId: visit.user.tenantId,
    organizerId: visit.user.id,
    meetingType: input.kind,
    subject: input.subject,
    startAt: input.startAt,
    endAt: input.endAt,
    attendees: input.attendees,
    ...withLobbyScope({ accessLevel: 'everyone', options: {} }, input.scope),
  })
  await note(visit, 'meeting.create', meeting)
  return `${pathOf(meeting)}?done=created`
}

const show: Handler = async (visit) => {
  const meeting = await mine(visit)
  const { context, lang } = visit
  const link = joinUrl(context.config.publicUrl, meeting, 'thread.v2')
  const { tollNumber, tollFreeNumber } = context.config.dialin
  const numbers = [tollNumber, tollFreeNumber].filter((number) => number !== null)
  const dialin =
    meeting.participantPasscode === null || numbers.length === 0 ? null : { numbers, passcode: meeting.participantPasscode }
  const zone = zoneFor(visit)
  const joinPage = `${context.config.publicUrl}/join`
  const outsiders = meeting.attendees.filter(({ upn, identity }) => upn !== null && identity?.user?.id == null)
  return meetingPage({
    ...common(visit),
    zone,
    meeting,
    state: shownState(meeting, context.clock.now()),
    link,
    dialin,
    invitation: invitationText({ lang, zone, meeting, organizer: visit.user.displayName, link, joinPage, dialin }),
    personal: outsiders.map(({ upn }) => ({ address: upn!, link: context.rooms.invitations.linkFor(meeting, link, upn!) })),
    done: doneOf(visit),
  })
}

const change: Handler = async (visit) => {
  const meeting = await mine(visit)
  const form = { ...meetingFormOf(visit.form), kind: meeting.meetingType }
  const input = await readMeeting(form, meetingTexts[visit.lang], visit.context, visit.user.tenantId)
  if (typeof input === 'string') return formPage({ ...common(visit), form, meeting, problem: input })
  // A field shows minutes; times that were not touched keep what they had beyond that.
  const kept = formOfMeeting(meeting, form.zone)
  const times = input.startAt === null || (kept.start === form.start && kept.end === form.end)
  await update(visit, meeting, {
    subject: input.subject,
    ...(times ? {} : { startAt: input.startAt, endAt: input.endAt }),
    attendees: [...input.attendees, ...meeting.attendees.filter(({ upn }) => upn === null)],
    ...withLobbyScope(meeting, input.scope),
  })
  await note(visit, 'meeting.update', meeting)
  return `${pathOf(meeting)}?done=saved`
}

const changeOptions: Handler = async (visit) => {
  const meeting = await mine(visit)
  const { form } = visit
  const scope = lobbyScopes.find((each) => each === form.get('scope'))
  const admitters = lobbyAdmitterChoices.find((each) => each === form.get('allowedLobbyAdmitters'))
  const presenters = presenterChoices.find((each) => each === form.get('allowedPresenters'))
  const chat = chatModes.find((each) => each === form.get('allowMeetingChat'))
  if (scope === undefined || admitters === undefined || presenters === undefined || chat === undefined)
    return optionsPage({ ...common(visit), meeting, problem: meetingTexts[visit.lang].problemChoice, done: undefined })
  const { accessLevel, options } = withLobbyScope(meeting, scope)
  const chosen = {
    allowedLobbyAdmitters: admitters,
    allowedPresenters: presenters,
    allowMeetingChat: chat,
    isDialInBypassEnabled: form.has('isDialInBypassEnabled'),
    allowAttendeeToEnableMic: form.has('allowAttendeeToEnableMic'),
    allowAttendeeToEnableCamera: form.has('allowAttendeeToEnableCamera'),
    allowTeamworkReactions: form.has('allowTeamworkReactions'),
    allowParticipantsToChangeName: form.has('allowParticipantsToChangeName'),
    shareMeetingChatHistoryDefault: form.has('shareMeetingChatHistoryDefault') ? ('all' as const) : ('none' as const),
  }
  const before = optionsOf(meeting)
  const changed = Object.entries(chosen).filter(([name, value]) => before[name as keyof typeof chosen] !== value)
  await update(visit, meeting, {
    accessLevel,
    entryExitAnnouncement: form.has('entryExitAnnouncement'),
    options: { ...options, ...Object.fromEntries(changed) },
  })
  await note(visit, 'meeting.options', meeting, Object.fromEntries(changed))
  return `${pathOf(meeting, '/options')}?done=saved`
}

async function setLeader(visit: PageRequest, leaderPasscode: string | null) {
  const meeting = await mine(visit)
  await visit.context.meetings.update(meeting.id, { leaderPasscode })
  await note(visit, leaderPasscode === null ? 'meeting.leaderRemove' : 'meeting.leaderNew', meeting)
  return `${pathOf(meeting, '/options')}?done=saved`
}

async function cancel(visit: PageRequest, cancelled: boolean) {
  const meeting = await mine(visit)
  await visit.context.meetings.update(meeting.id, { cancelled })
  await note(visit, cancelled ? 'meeting.cancel' : 'meeting.restore', meeting)
  return `${pathOf(meeting)}?done=${cancelled ? 'cancelled' : 'restored'}`
}

const remove: Handler = async (visit) => {
  const meeting = await mine(visit)
  await visit.context.meetings.delete(meeting)
  await note(visit, 'meeting.delete', meeting)
  return '/meetings?done=deleted'
}

const calendar: Handler = async (visit) => {
  const meeting = await mine(visit)
  const view = await visit.context.organizers.of(meeting)
  const method = meeting.cancelledAt === null ? 'REQUEST' : 'CANCEL'
  return {
    type: `text/calendar; charset=utf-8; method=${method}`,
    name: 'meeting.ics',
    content: calendarFile(meeting, view, joinUrl(visit.context.config.publicUrl, meeting, 'thread.v2')),
  }
}

const qr: Handler = async (visit) => {
  const meeting = await mine(visit)
  const svg = await QRCode.toString(joinUrl(visit.context.config.publicUrl, meeting, 'thread.v2'), { type: 'svg', margin: 4 })
  return { type: 'image/svg+xml', content: svg }
}

const download: Handler = async (visit) => {
  const meeting = await mine(visit)
  const id = /^(.{1,64})\.csv$/.exec(visit.params.session ?? '')?.[1]
  const report = (await reportsOf(visit.context, meeting)).find(({ session }) => session.id === id)
  if (report === undefined) throw new PageError('missing')
  return {
    type: 'text/csv; charset=utf-8',
    name: `attendance-${meeting.vtcId}.csv`,
    content: attendanceCsv(visit.lang, report),
  }
}

/** The meeting of a path, if the visitor organizes it; others are told that there is none. */
async function mine(visit: PageRequest): Promise<Meeting> {
  const meeting = await visit.context.meetingStore.findByVtcId(visit.params.id ?? '')
  if (meeting === undefined || meeting.organizerId !== visit.user.id || meeting.tenantId !== visit.user.tenantId)
    throw new PageError('missing')
  return meeting
}

/** Change a meeting as it was when the form was made. */
async function update(visit: PageRequest, meeting: Meeting, patch: MeetingPatch): Promise<void> {
  const revision = Number(field(visit.form, 'revision'))
  await visit.context.meetings.update(meeting.id, patch, Number.isInteger(revision) ? revision : -1).catch((error: unknown) => {
    if (error instanceof MeetingError && error.reason === 'conflict') throw new PageError('changed')
    if (error instanceof MeetingError && error.reason === 'missing') throw new PageError('missing')
    throw error
  })
}

async function reportsOf(context: ConsoleContext, meeting: Meeting): Promise<Report[]> {
  const sessions = await context.attendance.sessions(meeting.id)
  return Promise.all(sessions.map(async (session) => ({ session, records: await context.attendance.records(session.id) })))
}

async function note(visit: PageRequest, action: string, meeting: Meeting, detail: Record<string, unknown> = {}): Promise<void> {
  await visit.context.audit.record(visit.actor, action, { id: meeting.vtcId, name: meeting.subject ?? '' }, detail)
}

const common = ({ lang, session }: PageRequest) => ({ lang, csrf: session.csrf })

/** The zone the page's script found in the browser, or UTC. */
function zoneFor({ request }: PageRequest): string {
  const cookie = readCookie(request.headers.cookie, 'parley-zone')
  return zoneOf(cookie === undefined || cookie.length > 64 ? null : decodeURIComponent(cookie.replace(/%(?![0-9a-f]{2})/gi, '')))
}

function doneOf(visit: PageRequest): string | undefined {
  const text = meetingTexts[visit.lang]
  const texts: Record<string, string> = {
    created: text.doneCreated,
    saved: text.doneSaved,
    cancelled: text.doneCancelled,
    restored: text.doneRestored,
    deleted: text.doneDeleted,
  }
  return texts[visit.query.get('done') ?? '']
}

/** A new meeting begins at the next full hour. */
function blank(visit: PageRequest): MeetingForm {
  const zone = zoneFor(visit)
  const start = instantFromMillis((Math.floor(visit.context.clock.millis() / hour) + 1) * hour)
  return {
    subject: '',
    kind: 'scheduled',
    start: toWallClock(start, zone),
    end: toWallClock(addMillis(start, hour), zone),
    zone,
    scope: 'everyone',
    attendees: '',
    presenters: '',
    coorganizers: '',
  }
}
