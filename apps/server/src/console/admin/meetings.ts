import { sql } from 'kysely'
import { type Html, html } from '../../common/html.ts'
import { type Instant, parseInstant } from '../../common/instant.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { toMeeting } from '../../meetings/meeting-store.ts'
import type { ConsoleContext } from '../console-context.ts'
import { csrfField, doneNote, table } from '../controls.ts'
import { exportFile } from '../meetings/export-file.ts'
import { shownState } from '../meetings/my-meetings.ts'
import { PageError } from '../page-error.ts'
import type { Handler, PageRequest } from '../page-request.ts'
import { inWords } from '../zone.ts'
import { doneOf } from './shared.ts'
import { adminTexts } from './texts.ts'

const pageSize = 50

/** Every meeting of the tenant, with who is in it now. */
export const listMeetings: Handler = async (visit) => {
  const { context, user, lang, query } = visit
  const text = adminTexts[lang]
  const search = (query.get('search') ?? '').trim().slice(0, 200)
  const before = parseInstant(query.get('before') ?? '')
  const found = await findMeetings(context, user.tenantId, search, before)
  const meetings = found.slice(0, pageSize)
  const names = new Map((await context.directory.users.list(user.tenantId)).map(({ id, displayName }) => [id, displayName]))
  const now = context.clock.now()
  const rows = await Promise.all(
    meetings.map(async (meeting) => {
      const state = shownState(meeting, now)
      const when = meeting.startAt === null ? text.anytime : inWords(meeting.startAt, 'UTC', lang)
      return [
        html`<bdi>${meeting.subject ?? text.untitled}</bdi><br><a class="digits" href="/admin/meetings/${meeting.vtcId}/export.json" download aria-label="${text.export}: ${meeting.vtcId}">${meeting.vtcId}.json</a>`,
        html`<bdi>${names.get(meeting.organizerId) ?? ''}</bdi>`,
        when,
        html`<span class="state state-${state}">${text[state]}</span>`,
        await context.admissionStore.count(meeting.id, 'admitted'),
        await context.admissionStore.count(meeting.id, 'waiting'),
        meeting.cancelledAt === null ? cancelButton(visit, meeting) : '',
      ]
    }),
  )
  const next = found.length > pageSize ? new URLSearchParams({ search, before: meetings.at(-1)!.createdAt }) : undefined
  const body = html`<h1>${text.allMeetings}</h1>${doneNote(doneOf(visit))}
<form method="get" action="/admin/meetings" class="actions" role="search"><label for="search" class="hidden">${text.search}</label>
<input id="search" name="search" type="search" value="${search}" placeholder="${text.search}"><button>${text.searchButton}</button></form>
${
  rows.length === 0
    ? html`<p>${text.none}</p>`
    : table(
        text.allMeetings,
        [text.subject, text.organizer, `${text.when} (UTC)`, text.state, text.inRoom, text.waiting, text.cancelMeeting],
        rows,
      )
}
${next !== undefined && html`<p><a href="/admin/meetings?${next.toString()}">${text.older}</a></p>`}`
  return { title: text.allMeetings, body }
}

/** Everything there is of a meeting of the tenant; that it was taken is in the audit log. */
export const exportMeeting: Handler = async (visit) => {
  const meeting = await meetingOf(visit)
  await visit.context.audit.record(
    visit.actor,
    'meeting.export',
    { id: meeting.vtcId, name: meeting.subject ?? '' },
    { as: 'administrator' },
  )
  return exportFile(visit.context, meeting)
}

/** An administrator ends what should not go on; the organizer can undo it. */
export const cancelMeeting: Handler = async (visit) => {
  const { context } = visit
  const meeting = await meetingOf(visit)
  await context.meetings.update(meeting.id, { cancelled: true })
  await context.audit.record(
    visit.actor,
    'meeting.cancel',
    { id: meeting.vtcId, name: meeting.subject ?? '' },
    { as: 'administrator' },
  )
  return '/admin/meetings?done=saved'
}

/** A meeting of the administrator's tenant. */
async function meetingOf({ context, user, params }: PageRequest): Promise<Meeting> {
  const meeting = await context.meetingStore.findByVtcId(params.id ?? '')
  if (meeting === undefined || meeting.tenantId !== user.tenantId) throw new PageError('missing')
  return meeting
}

function cancelButton(visit: PageRequest, meeting: Meeting): Html {
  const text = adminTexts[visit.lang]
  return html`<form method="post" action="/admin/meetings/${meeting.vtcId}/cancel">${csrfField(visit.session.csrf)}<button aria-label="${text.cancelMeeting}: ${meeting.subject ?? meeting.vtcId}">${text.cancelMeeting}</button></form>`
}

async function findMeetings(
  context: ConsoleContext,
  tenantId: string,
  search: string,
  before: Instant | undefined,
): Promise<Meeting[]> {
  // `like` has signs of its own; what somebody types stands for itself.
  const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  const rows = await context.db
    .selectFrom('meetings')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .$if(search !== '', (query) => query.where(sql<boolean>`lower(subject) like ${pattern} escape '\\'`))
    .$if(before !== undefined, (query) => query.where('created_at', '<', before!))
    .orderBy('created_at', 'desc')
    .limit(pageSize + 1)
    .execute()
  return rows.map(toMeeting)
}
