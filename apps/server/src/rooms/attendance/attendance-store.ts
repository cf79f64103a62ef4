import { randomUUID } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { EventBody } from '../../meetings/events.ts'
import type { Journal } from '../../meetings/journal.ts'
import type { Database } from '../../store/database.ts'
import type { AttendanceIntervalsTable, AttendanceSessionsTable } from '../../store/tables/attendance.ts'

export type SessionRow = Selectable<AttendanceSessionsTable>
export type IntervalRow = Selectable<AttendanceIntervalsTable>

export interface Presence {
  sid: string
  meetingId: string
  admissionId: string
  /** What several devices of one human share. */
  person: string
  joinedAt: Instant
}

const attempts = 20

/** Where attendance is kept. Every statement is conditional, so events may come late, twice and in any order. */
export class AttendanceStore {
  readonly #db: Database
  readonly #journal: Journal

  constructor(db: Database, journal: Journal) {
    this.#db = db
    this.#journal = journal
  }

  /**
   * Note a presence; with the first of a call the call begins, with the first of a person they have come. False when it
   * was known, open or closed.
   */
  async open(presence: Presence, now: Instant): Promise<boolean> {
    const { sid, meetingId, admissionId, joinedAt, person } = presence
    // Made before the first try: what is tried again is the same session.
    const newId = randomUUID()
    for (let attempt = 0; attempt < attempts; attempt++) {
      if ((await this.findInterval(sid)) !== undefined) return false
      const session = await this.openSession(meetingId)
      const others = await this.isIn(meetingId, person)
      const callId = session?.id ?? newId
      const begin = this.#db
        .insertInto('attendance_sessions')
        .values({ id: newId, meeting_id: meetingId, started_at: joinedAt, ended_at: null })
        .onConflict((conflict) => conflict.doNothing())
        .compile()
      const insert = this.#db
        .insertInto('attendance_intervals')
        .columns(['sid', 'session_id', 'meeting_id', 'admission_id', 'joined_at', 'seen_at'])
        .expression((builder) =>
          builder
            .selectFrom('attendance_sessions')
            .select(() => [
              sql.val(sid).as('sid'),
              sql.ref('attendance_sessions.id').as('session_id'),
              sql.val(meetingId).as('meeting_id'),
              sql.val(admissionId).as('admission_id'),
              sql.val(joinedAt).as('joined_at'),
              sql.val(now).as('seen_at'),
            ])
            // It may have ended, or another device come, since it was read.
            .where('id', '=', callId)
            .where('ended_at', 'is', null)
            .where(hasOthers(meetingId, person, sid, others)),
        )
        .onConflict((conflict) => conflict.doNothing())
        .compile()
      const written = await this.#journal.write({
        ...{ meetingId, at: now },
        writes: [...(session === undefined ? [{ query: begin, must: true }] : []), { query: insert, must: true }],
        events: [
          ...(session === undefined ? [{ kind: 'callStarted' as const, callId, happenedAt: joinedAt }] : []),
          ...(others
            ? []
            : [{ kind: 'rosterUpdated' as const, callId, happenedAt: joinedAt, joined: [admissionId], left: [] as string[] }]),
        ],
      })
      if (written !== undefined) return true
    }
    throw new Error('an attendance session could not be kept open')
  }

  /** Close a presence, never before it began; with the last of a person they have gone. False when it was closed or is not known. */
  async close(
    { sid, meeting_id: meetingId, session_id: callId, admission_id: admissionId }: IntervalRow,
    person: string,
    change: { at: Instant; by: 'event' | 'reconciliation'; now: Instant },
  ): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const interval = await this.findInterval(sid)
      if (interval === undefined || interval.left_at !== null) return false
      const others = await this.isIn(meetingId, person, sid)
      const leftAt = change.at < interval.joined_at ? interval.joined_at : change.at
      const query = this.#db
        .updateTable('attendance_intervals')
        .set({ left_at: leftAt, closed_by: change.by })
        .where('sid', '=', sid)
        .where('left_at', 'is', null)
        .where(hasOthers(meetingId, person, sid, others))
        .compile()
      const left: EventBody = { kind: 'rosterUpdated', callId, happenedAt: leftAt, joined: [], left: [admissionId] }
      const unit = { meetingId, at: change.now, writes: [{ query, must: true }], events: others ? [] : [left] }
      if ((await this.#journal.write(unit)) !== undefined) return true
    }
    throw new Error('an attendance could not be closed')
  }

  async findInterval(sid: string): Promise<IntervalRow | undefined> {
    return this.#db.selectFrom('attendance_intervals').selectAll().where('sid', '=', sid).executeTakeFirst()
  }

  async openIntervals(meetingId: string): Promise<IntervalRow[]> {
    return this.#db
      .selectFrom('attendance_intervals')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('left_at', 'is', null)
      .execute()
  }

  /** Whether a person is in with any device, or with any but one. */
  async isIn(meetingId: string, person: string, butSid = ''): Promise<boolean> {
    const row = await this.#db
      .selectFrom('attendance_intervals')
      .innerJoin('admissions', 'admissions.id', 'attendance_intervals.admission_id')
      .select('sid')
      .where('attendance_intervals.meeting_id', '=', meetingId)
      .where('left_at', 'is', null)
      .where('sid', '<>', butSid)
      .where('admissions.person', '=', person)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async confirm(sids: readonly string[], at: Instant): Promise<void> {
    if (sids.length === 0) return
    await this.#db
      .updateTable('attendance_intervals')
      .set({ seen_at: at })
      .where('sid', 'in', sids)
      .where('left_at', 'is', null)
      .execute()
  }

  async openSession(meetingId: string): Promise<SessionRow | undefined> {
    return this.#db
      .selectFrom('attendance_sessions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
  }

  async openSessions(): Promise<SessionRow[]> {
    return this.#db.selectFrom('attendance_sessions').selectAll().where('ended_at', 'is', null).execute()
  }

  /** The last moment somebody was in a session that nobody is in; undefined while somebody is. */
  async emptySince(sessionId: string): Promise<Instant | undefined> {
    const row = await this.#db
      .selectFrom('attendance_intervals')
      .select((select) => [
        select.fn.max<Instant | null>('left_at').as('last'),
        sql<number>`sum(case when left_at is null then 1 else 0 end)`.as('open'),
      ])
      .where('session_id', '=', sessionId)
      .executeTakeFirstOrThrow()
    return Number(row.open ?? 0) > 0 ? undefined : (row.last ?? undefined)
  }

  /** End a session that nobody is in, and with it the call. False when it had ended, or somebody came. */
  async endSession({ id, meeting_id: meetingId }: SessionRow, at: Instant, now: Instant): Promise<boolean> {
    const query = this.#db
      .updateTable('attendance_sessions')
      .set({ ended_at: at })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('attendance_intervals').select('sid').where('session_id', '=', id).where('left_at', 'is', null))),
      )
      .compile()
    const ended: EventBody = { kind: 'callEnded', callId: id, happenedAt: at }
    return (await this.#journal.write({ meetingId, at: now, writes: [{ query, must: true }], events: [ended] })) !== undefined
  }

  /** Sessions of a meeting, newest first. */
  async sessions(meetingId: string): Promise<SessionRow[]> {
    return this.#db
      .selectFrom('attendance_sessions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .orderBy('started_at', 'desc')
      .orderBy('id')
      .execute()
  }

  async countPeople(sessionId: string): Promise<number> {
    const { n } = await this.#db
      .selectFrom('attendance_intervals')
      .innerJoin('admissions', 'admissions.id', 'attendance_intervals.admission_id')
      .select((select) => select.fn.count<number>('admissions.person').distinct().as('n'))
      .where('session_id', '=', sessionId)
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  /** Every presence of a session with whose it is, in order of coming. */
  async presences(sessionId: string) {
    return this.#db
      .selectFrom('attendance_intervals')
      .innerJoin('admissions', 'admissions.id', 'attendance_intervals.admission_id')
      .select(['attendance_intervals.sid', 'attendance_intervals.joined_at', 'attendance_intervals.left_at'])
      .select(['attendance_intervals.seen_at', 'attendance_intervals.closed_by'])
      .select(['admissions.person', 'admissions.name', 'admissions.role', 'admissions.user_id', 'admissions.tenant_id'])
      .select(['admissions.upn', 'admissions.invited_as', 'admissions.phone'])
      .where('session_id', '=', sessionId)
      .orderBy('attendance_intervals.joined_at')
      .orderBy('attendance_intervals.sid')
      .execute()
  }
}

/** Whether a person is, or is not, in with another device than one; part of the statement that depends on it. */
function hasOthers(meetingId: string, person: string, sid: string, others: boolean) {
  const found = sql`(select 1 from attendance_intervals as other join admissions on admissions.id = other.admission_id
    where other.meeting_id = ${meetingId} and other.left_at is null and other.sid <> ${sid} and admissions.person = ${person})`
  return others ? sql<boolean>`exists ${found}` : sql<boolean>`not exists ${found}`
}
