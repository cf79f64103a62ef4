import type { AttendanceRecord, AttendanceSession } from '../../graph/online-meetings/attendance-source.ts'
import { formatInstant, millisOf } from '../../time/instant.ts'

const columns = ['Session start', 'Session end', 'Name', 'Email', 'Role', 'Joined', 'Left', 'Seconds'] as const

/** Sessions and who was in them as CSV (RFC 4180) with a byte order mark, which spreadsheets need to read UTF-8. */
export function attendanceCsv(sessions: readonly { session: AttendanceSession; records: readonly AttendanceRecord[] }[]): string {
  const rows = sessions.flatMap(({ session, records }) =>
    records.flatMap((record) =>
      record.intervals.map(({ joinedAt, leftAt }) => [
        formatInstant(session.startedAt),
        session.endedAt === null ? '' : formatInstant(session.endedAt),
        record.displayName ?? '',
        record.email ?? '',
        record.role,
        formatInstant(joinedAt),
        formatInstant(leftAt),
        String(Math.max(0, Math.round((millisOf(leftAt) - millisOf(joinedAt)) / 1000))),
      ]),
    ),
  )
  return `\ufeff${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Quoted where needed; text that a spreadsheet would run as a formula is made text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
