import { addMillis, type Instant } from '../../common/instant.ts'

/** A place somebody holds who is not in the media room, or a wait in the lobby. */
export interface Held {
  id: string
  /** Whence it was asked for; null for people who are known, whose places nobody takes. */
  sender: string | null
  since: Instant
  /** Was in the media room before. */
  cameIn: boolean
}

/** Nobody keeps a place for longer without coming in, when others want it. Milliseconds. */
const longestReservation = 60_000

/**
 * Who gives way when a meeting is full: whoever was let in and has not been there for a minute; else, of strangers who have
 * not come in yet, the last from where most came, if they are at least two more than those from where the newcomer is.
 */
export function placeToGive(held: readonly Held[], newcomer: string | null, now: Instant): Held | undefined {
  const lapsed = held.filter(({ since }) => since < addMillis(now, -longestReservation))
  if (lapsed.length > 0) return lapsed.reduce((first, each) => (each.since < first.since ? each : first))
  const onTheWay = held.filter(({ cameIn }) => !cameIn)
  return greediest(onTheWay, newcomer)
}

/** Of strangers, the last from where most came, if they are at least two more than those from where the newcomer is. */
export function greediest(held: readonly Held[], newcomer: string | null): Held | undefined {
  const bySender = Map.groupBy(
    held.filter(({ sender }) => sender !== null),
    ({ sender }) => sender!,
  )
  const own = newcomer === null ? 0 : (bySender.get(newcomer)?.length ?? 0)
  const most = [...bySender.values()].reduce<Held[]>((best, each) => (each.length > best.length ? each : best), [])
  if (most.length < own + 2) return undefined
  return most.reduce((last, each) => (each.since >= last.since ? each : last))
}
