import { type Instant, instantFromMillis, millisOf } from '../common/instant.ts'

/** The zones people can choose, UTC first. */
export const zones: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

const known = new Set(zones)

/** A zone's own name, or UTC for one nobody knows. */
export function zoneOf(name: string | null | undefined): string {
  return name != null && known.has(name) ? name : 'UTC'
}

/**
 * The moment a wall clock shows `YYYY-MM-DDTHH:MM` in a zone. Where clocks go forward over it, the moment just as far
 * after the change; where it comes twice, the first. Undefined when the text is no date and time.
 */
export function fromWallClock(text: string, zone: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined
  const asUtc = Date.parse(`${text}Z`)
  if (Number.isNaN(asUtc)) return undefined
  const before = asUtc - offsetAt(asUtc - 86_400_000, zone)
  const after = asUtc - offsetAt(asUtc + 86_400_000, zone)
  const fits = [before, after].filter((moment) => moment + offsetAt(moment, zone) === asUtc)
  return instantFromMillis(fits.length > 0 ? Math.min(...fits) : before)
}

/** `YYYY-MM-DDTHH:MM` as a clock in a zone shows a moment, for a `datetime-local` field. */
export function toWallClock(instant: Instant, zone: string): string {
  const millis = millisOf(instant)
  return new Date(millis + offsetAt(millis, zone)).toISOString().slice(0, 16)
}

/** A moment in words, with its zone. */
export function inWords(instant: Instant, zone: string, lang: string): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(millisOf(instant))
}

/** Milliseconds a zone is ahead of UTC at a moment. */
function offsetAt(millis: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(millis)
  const value = (type: string) => Number(parts.find((part) => part.type === type)!.value)
  const wall = Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'), value('second'))
  return wall - Math.floor(millis / 1000) * 1000
}
