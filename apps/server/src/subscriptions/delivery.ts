import { addMillis, type Instant, millisOf } from '../common/instant.ts'

/** How an attempt went. */
export type Outcome = { ok: true; status: number } | { ok: false; status: number | null; error: string; retryAfter?: string }

/** What follows from it. */
export type Decision = { kind: 'delivered' } | { kind: 'retry'; at: Instant; failures: number }

/** A notification is tried for four hours (contract B.17). */
export const givesUpAfterMs = 4 * 3_600_000
const firstDelayMs = 1_000
const longestDelayMs = 600_000
const longestRetryAfterMs = 3_600_000

/** The pause before an attempt, after so many that failed; `spread` in 0..1 keeps receivers from being hit in step. */
export function backoffMs(failures: number, spread: number): number {
  const delay = Math.min(firstDelayMs * 2 ** Math.min(failures - 1, 30), longestDelayMs)
  return Math.round(delay * (0.9 + 0.2 * spread))
}

/** Decide after an attempt. A `Retry-After` of the receiver counts when it asks for longer, up to an hour. */
export function decide(outcome: Outcome, state: { failures: number; now: Instant; spread: number }): Decision {
  if (outcome.ok) return { kind: 'delivered' }
  const failures = state.failures + 1
  const asked = readRetryAfter(outcome.retryAfter, millisOf(state.now))
  const delay = Math.max(backoffMs(failures, state.spread), Math.min(asked, longestRetryAfterMs))
  return { kind: 'retry', at: addMillis(state.now, delay), failures }
}

/** Whether a notification is past trying. */
export function isStale(createdAt: Instant, now: Instant): boolean {
  return millisOf(now) - millisOf(createdAt) >= givesUpAfterMs
}

/** Milliseconds of a `Retry-After` (seconds or a date, RFC 9110 10.2.3); 0 when it says nothing. */
export function readRetryAfter(text: string | undefined, nowMillis: number): number {
  if (text === undefined) return 0
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000
  const date = /^[A-Za-z]{3,9}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMillis)
}
