import { addMillis, addYears, type Instant } from '../common/instant.ts'
import type { MeetingType } from './meeting.ts'
import { MeetingError } from './meeting-error.ts'

const hour = 3_600_000
const day = 24 * hour
const meetNowLifetime = 8 * hour
const graceAfterEnd = 60 * day

/** The moment a meeting expires when the client names none: meetNow 8 h, scheduled and broadcast end + 60 days, recurring 60 days after use (contract A.7). */
export function defaultExpiration(
  type: MeetingType,
  createdAt: Instant,
  endAt: Instant | null,
  lastUsedAt: Instant | null = null,
): Instant {
  if (type === 'meetNow') return addMillis(createdAt, meetNowLifetime)
  if (type === 'recurring') return addMillis(lastUsedAt ?? createdAt, graceAfterEnd)
  return addMillis(endAt ?? createdAt, graceAfterEnd)
}

/** Throws MeetingError unless the moment lies from one year before now to ten years after, both inclusive (contract A.7). */
export function checkExpiration(expiration: Instant, now: Instant): void {
  const [earliest, latest] = [addYears(now, -1), addYears(now, 10)]
  if (expiration < earliest || expiration > latest)
    throw new MeetingError('invalid', 'expiration', 'must lie between one year before and ten years after the current time')
}

/** Throws MeetingError when a type lacks the times it needs, or the end is not after the start. */
export function checkTimes(type: MeetingType, startAt: Instant | null, endAt: Instant | null): void {
  if (type === 'scheduled' || type === 'broadcast') {
    if (startAt === null) throw new MeetingError('invalid', 'start', `is required for a ${type} meeting`)
    if (endAt === null) throw new MeetingError('invalid', 'end', `is required for a ${type} meeting`)
  }
  if (startAt !== null && endAt !== null && endAt <= startAt) throw new MeetingError('invalid', 'end', 'must be after the start')
}
