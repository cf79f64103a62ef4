/**
 * A moment in UTC as text of fixed width, `YYYY-MM-DDTHH:MM:SS.fffffffZ`: seven digits as Graph has, and sorting as
 * text is sorting in time, on every database.
 */
export type Instant = string & { readonly instant: unique symbol }

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,12}))?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/

/**
 * Read an RFC 3339 date and time with any offset. A leap second becomes the second after it, digits beyond the
 * seventh are cut. Undefined when the text is no date, or lies outside the years 0001 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const offset = match[9] === undefined ? 0 : (match[9] === '-' ? -1 : 1) * (Number(match[10]) * 60 + Number(match[11]))
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60 || Math.abs(offset) >= 24 * 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offset, second)
  if (date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return undefined
  const fraction = (match[7] ?? '').slice(0, 7).padEnd(7, '0')
  return `${date.toISOString().slice(0, 19)}.${fraction}Z` as Instant
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** The instant of a count of milliseconds since 1970. */
export function instantFromMillis(millis: number): Instant {
  return `${new Date(millis).toISOString().slice(0, -1)}0000Z` as Instant
}

/** Milliseconds since 1970, finer digits cut. */
export function millisOf(instant: Instant): number {
  return Date.parse(`${instant.slice(0, 23)}Z`)
}

/** The instant some milliseconds later (or earlier); finer digits are kept. */
export function addMillis(instant: Instant, millis: number): Instant {
  return `${new Date(millisOf(instant) + millis).toISOString().slice(0, -1)}${instant.slice(23, 27)}Z` as Instant
}

/** The instant a number of calendar years later, 29 February becoming 1 March where there is none. */
export function addYears(instant: Instant, years: number): Instant {
  const date = new Date(millisOf(instant))
  date.setUTCFullYear(date.getUTCFullYear() + years)
  return `${date.toISOString().slice(0, -1)}${instant.slice(23, 27)}Z` as Instant
}

/** As Graph writes it: up to seven digits, trailing zeros cut (contract C.4). */
export function formatInstant(instant: Instant): string {
  let end = 27
  while (instant[end - 1] === '0' && end > 20) end -= 1
  return end === 20 ? `${instant.slice(0, 19)}Z` : `${instant.slice(0, end)}Z`
}
