import { type CompiledQuery, sql } from 'kysely'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { Step, StepResult } from '../store/unit.ts'
import { type EventBody, isAnnounced, type MeetingEvent } from './events.ts'

/** A change of a meeting and the events that tell of it. */
export interface JournalUnit {
  meetingId: string
  at: Instant
  writes: readonly Step[]
  /** None where a change is nobody's business but depends on more than its own row. */
  events: readonly EventBody[]
}

/** Events a unit wrote; told to listeners right after its commit. */
export interface Written {
  meetingId: string
  /** The numbers of its first and last event. */
  first: number
  last: number
  events: readonly EventBody[]
  /** Change notifications are to be made of it. */
  isPending: boolean
}

type EventRow = { meeting_id: string; seq: number; kind: string; payload: string; at: Instant }
type EventOutcome = { seq: number; pending: number | null }
type Pending = 'never' | 'watched' | 'always'

const idsAtOnce = 500

/**
 * The events of meetings, in the database. Every change that depends on more than its own row is one unit here: first the
 * meeting's counter, which on a database with several writers makes the units of a meeting wait for each other, then the
 * writes with their conditions, then the events. What happens in the unit is either stored whole or not at all.
 */
export class Journal {
  readonly #db: Database
  readonly #listeners = new Set<(written: Written) => void>()
  // The same statements for every event: building one costs more than running it.
  readonly #inserts = new Map<Pending, CompiledQuery>()
  #count: CompiledQuery | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** Be told of what this process commits. Returns the way to stop. A listener must not throw. */
  onCommit(listener: (written: Written) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Store a unit. What its writes answered, in order; undefined when one that must have an effect had none: then nothing
   * is stored.
   */
  async write({ meetingId, at, writes, events }: JournalUnit): Promise<StepResult[] | undefined> {
    const steps: Step[] = [this.#counted(meetingId, events.length === 0 ? 0 : 1), ...writes]
    for (const [index, event] of events.entries()) {
      if (index > 0) steps.push(this.#counted(meetingId, 1))
      steps.push(this.#appended(meetingId, event, at))
    }
    const results = await this.#db.unit(
      steps,
      events.map(({ kind }) => kind),
    )
    if (results === undefined) return undefined
    // Of the steps after the writes only those that append an event return rows.
    const appended = results.slice(writes.length + 1).flatMap(({ rows }) => rows) as EventOutcome[]
    const [first, last] = [appended[0], appended.at(-1)]
    if (first !== undefined && last !== undefined) {
      const isPending = appended.some(({ pending }) => pending === 1)
      for (const listener of this.#listeners) listener({ meetingId, events, first: first.seq, last: last.seq, isPending })
    }
    return results.slice(1, writes.length + 1)
  }

  /** The events of a meeting after a number, in order. */
  async read(meetingId: string, after: number, limit: number): Promise<MeetingEvent[]> {
    const rows = await this.#db
      .selectFrom('meeting_events')
      .select(['meeting_id', 'seq', 'kind', 'payload', 'at'])
      .where('meeting_id', '=', meetingId)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map(toEvent)
  }

  /** The number of a meeting's last event; 0 when it has none. */
  async head(meetingId: string): Promise<number> {
    const row = await this.#db.selectFrom('room_states').select('seq').where('meeting_id', '=', meetingId).executeTakeFirst()
    return row?.seq ?? 0
  }

  /** The last numbers of several meetings; those without events are left out. */
  async heads(meetingIds: readonly string[]): Promise<Map<string, number>> {
    const heads = new Map<string, number>()
    for (let at = 0; at < meetingIds.length; at += idsAtOnce) {
      const rows = await this.#db
        .selectFrom('room_states')
        .select(['meeting_id', 'seq'])
        .where('meeting_id', 'in', meetingIds.slice(at, at + idsAtOnce))
        .execute()
      for (const row of rows) heads.set(row.meeting_id, row.seq)
    }
    return heads
  }

  /** Events of which change notifications are still to be made, of meetings after one: by meeting, in order. */
  async pending(afterMeetingId: string, limit: number): Promise<MeetingEvent[]> {
    const rows = await this.#db
      .selectFrom('meeting_events')
      .select(['meeting_id', 'seq', 'kind', 'payload', 'at'])
      .where('pending', '=', 1)
      .where('meeting_id', '>', afterMeetingId)
      .orderBy('meeting_id')
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map(toEvent)
  }

  /** The step that says an event's notifications are made; without effect when somebody else has made them. */
  fannedOut({ meetingId, seq }: Pick<MeetingEvent, 'meetingId' | 'seq'>): Step {
    const query = this.#db
      .updateTable('meeting_events')
      .set({ pending: null })
      .where('meeting_id', '=', meetingId)
      .where('seq', '=', seq)
      .where('pending', '=', 1)
      .compile()
    return { query }
  }

  /** Forget what was written before a moment and is told, at most so many. Returns how many went. */
  async purge(before: Instant, limit: number): Promise<number> {
    const result = await this.#db
      .deleteFrom('meeting_events')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('meeting_id', 'seq'),
          'in',
          selectFrom('meeting_events as old')
            .select(['old.meeting_id', 'old.seq'])
            .where('old.at', '<', before)
            .where('old.pending', 'is', null)
            .orderBy('old.at')
            .limit(limit)
            .$asTuple('meeting_id', 'seq'),
        ),
      )
      .executeTakeFirst()
    return Number(result.numDeletedRows)
  }

  /** Forget the events of meetings that were deleted before a moment, once that is told. */
  async forgetDeleted(before: Instant): Promise<void> {
    const gone = await this.#db
      .selectFrom('meeting_events')
      .select('meeting_id')
      .where('kind', '=', 'meetingDeleted')
      .where('at', '<', before)
      .where('pending', 'is', null)
      .limit(1_000)
      .execute()
    for (const { meeting_id: id } of gone) {
      const events = this.#db.deleteFrom('meeting_events').where('meeting_id', '=', id).compile()
      const counter = this.#db.deleteFrom('room_states').where('meeting_id', '=', id).compile()
      await this.#db.unit([{ query: events }, { query: counter }])
    }
  }

  /** Take the meeting's counter, and count on. */
  #counted(meetingId: string, by: 0 | 1): Step {
    this.#count ??= this.#db
      .insertInto('room_states')
      .values({ meeting_id: '', seq: 0 })
      .onConflict((conflict) => conflict.column('meeting_id').doUpdateSet({ seq: sql<number>`room_states.seq + excluded.seq` }))
      .compile()
    return { query: { ...this.#count, parameters: [meetingId, by] } }
  }

  #appended(meetingId: string, event: EventBody, at: Instant): Step {
    const { kind, ...payload } = event
    // What can be watched by nobody needs nobody to look at it again; a deletion also takes files along.
    const pending = kind === 'meetingDeleted' ? 'always' : isAnnounced(kind) ? 'watched' : 'never'
    let query = this.#inserts.get(pending)
    if (query === undefined) {
      query = this.#insert(pending)
      this.#inserts.set(pending, query)
    }
    const watched = pending === 'watched' ? [meetingId] : []
    return { query: { ...query, parameters: [kind, JSON.stringify(payload), at, ...watched, meetingId] }, must: true }
  }

  #insert(pending: Pending): CompiledQuery {
    const expression = {
      never: sql<number | null>`null`,
      always: sql<number | null>`1`,
      watched: sql<
        number | null
      >`case when exists (select 1 from subscriptions where subscriptions.meeting_id = ${''} and removed_at is null) then 1 end`,
    }[pending]
    return this.#db
      .insertInto('meeting_events')
      .columns(['meeting_id', 'seq', 'kind', 'payload', 'at', 'pending'])
      .expression((builder) =>
        builder
          .selectFrom('room_states')
          .select(['meeting_id', 'seq'])
          .select([sql.val('').as('kind'), sql.val('').as('payload'), sql.val('').as('at'), expression.as('pending')])
          .where('meeting_id', '=', ''),
      )
      .returning(['seq', 'pending'])
      .compile()
  }
}

function toEvent(row: EventRow): MeetingEvent {
  const body = { kind: row.kind, ...(JSON.parse(row.payload) as object) } as EventBody
  return { ...body, meetingId: row.meeting_id, seq: row.seq, at: row.at }
}
