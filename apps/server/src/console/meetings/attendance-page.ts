import { html } from '../../common/html.ts'
import { millisOf } from '../../common/instant.ts'
import type { Language } from '../../common/language.ts'
import type { AttendanceRecord, AttendanceSession } from '../../meetings/attendance-source.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { fill } from '../../pages/fill.ts'
import { table } from '../controls.ts'
import { csv } from '../csv.ts'
import type { View } from '../layout.ts'
import { inWords } from '../zone.ts'
import { pathOf } from './pages.ts'
import { meetingTexts } from './texts.ts'

export interface Report {
  session: AttendanceSession
  records: readonly AttendanceRecord[]
}

/** Who was in a meeting, session by session. */
export function attendancePage(view: { lang: Language; zone: string; meeting: Meeting; reports: readonly Report[] }): View {
  const text = meetingTexts[view.lang]
  const shown = (instant: Parameters<typeof inWords>[0]) => inWords(instant, view.zone, view.lang)
  const body = html`<h1>${text.attendance}</h1>
<p><a href="${pathOf(view.meeting)}" dir="auto">${view.meeting.subject ?? text.untitled}</a></p>
${view.reports.length === 0 && html`<p>${text.attendanceNone}</p>`}
${view.reports.map(({ session, records }) => {
  const start = shown(session.startedAt)
  const heading =
    session.endedAt === null
      ? fill(text.sessionRunning, { start })
      : fill(text.sessionFrom, { start, end: shown(session.endedAt) })
  const rows = records.map((record) => [
    html`<bdi>${record.displayName ?? '?'}</bdi>`,
    record.email,
    record.role,
    record.intervals.length === 0 ? '' : shown(record.intervals[0]!.joinedAt),
    record.intervals.length === 0 ? '' : shown(record.intervals.at(-1)!.leftAt),
    minutesOf(record),
  ])
  return html`<h2>${heading}</h2>
${table(heading, [text.name, text.email, text.role, text.joined, text.left, text.minutes], rows)}
<p><a href="${pathOf(view.meeting, `/attendance/${session.id}.csv`)}" download>${text.csv}</a></p>`
})}`
  return { title: text.attendance, body }
}

/** One session as a file for spreadsheets: a line for each time somebody was there; times in UTC. */
export function attendanceCsv(lang: Language, report: Report): string {
  const text = meetingTexts[lang]
  return csv([
    [text.name, text.email, text.role, text.joined, text.left, text.minutes],
    ...report.records.flatMap((record) =>
      record.intervals.map(({ joinedAt, leftAt }) => [
        record.displayName,
        record.email,
        record.role,
        joinedAt.slice(0, 19).concat('Z'),
        leftAt.slice(0, 19).concat('Z'),
        minutes(millisOf(leftAt) - millisOf(joinedAt)),
      ]),
    ),
  ])
}

const minutes = (millis: number) => Math.round(millis / 6_000) / 10
const minutesOf = (record: AttendanceRecord) =>
  minutes(record.intervals.reduce((sum, { joinedAt, leftAt }) => sum + millisOf(leftAt) - millisOf(joinedAt), 0))
