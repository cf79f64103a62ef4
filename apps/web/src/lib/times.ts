import type { Meeting } from '@parley/door-api'

/** When a meeting takes place, in the reader's language and time zone; empty when it has no time. */
export function sayTimes(meeting: Pick<Meeting, 'startDateTime' | 'endDateTime'>, lang: string): string {
  const start = meeting.startDateTime ? new Date(meeting.startDateTime) : null
  const end = meeting.endDateTime ? new Date(meeting.endDateTime) : null
  if (!start || Number.isNaN(start.getTime())) return ''
  const format = new Intl.DateTimeFormat(lang, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  })
  if (!end || Number.isNaN(end.getTime()) || end < start) return format.format(start)
  return format.formatRange(start, end)
}

/** An hour and minute in the reader's language and time zone. */
export function sayClock(iso: string, lang: string): string {
  const when = new Date(iso)
  return Number.isNaN(when.getTime()) ? '' : new Intl.DateTimeFormat(lang, { hour: 'numeric', minute: '2-digit' }).format(when)
}
