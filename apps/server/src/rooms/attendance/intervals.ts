import type { Instant } from '../../common/instant.ts'

export interface Interval {
  joinedAt: Instant
  leftAt: Instant
}

/** The union of intervals: several devices of one person at once are one presence. In order of time. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const { joinedAt, leftAt } of [...intervals].sort((a, b) => compare(a.joinedAt, b.joinedAt))) {
    const last = result.at(-1)
    if (last === undefined || last.leftAt < joinedAt) result.push({ joinedAt, leftAt })
    else if (last.leftAt < leftAt) last.leftAt = leftAt
  }
  return result
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
