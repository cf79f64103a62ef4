import { randomUUID } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { Database } from '../../store/database.ts'
import type { AttendanceIntervalsTable, AttendanceSessionsTable } from '../../store/tables/attendance.ts'

export type SessionRow = Selectable<AttendanceSessionsTable>
export type IntervalRow = Selectable<AttendanceIntervalsTable>

export interface Presence {
  sid: string
  meetingId: string
  admissionId: string
  joinedAt: Instant
}

const attempts = 10

/** Where attendance is kept. Every statement is conditional, so events may come late, twice and in any order. */
export class AttendanceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Note a presence. What is new with it; nothing when it was known, open or closed. */
  async open(
    presence: Presence,
    now: Instant,
  ): Promise<{ isNew: boolean; session: SessionRow; startsSession: boolean } | undefined> {
    const { sid, meetingId, admissionId, joinedAt } = presence
    if ((await this.findInterval(sid)) !== undefined) return undefined
    let startsSession = false
    for (let attempt = 0; attempt < attempts; attempt++) {
      const result = await this.#db
        .insertInto('attendance_sessions')
        .values({ id: randomUUID(), meeting_id: meetingId, started_at: joinedAt, ended_at: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      startsSession ||= result.numInsertedOrUpdatedRows === 1n
      const session = await this.openSession(meetingId)
      if (session === undefined) continue
      const inserted = await this.#db
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
            // The session may have ended between the two statements; then the next turn makes another.
            .where('id', '=', session.id)
            .where('ended_at', 'is', null),
        )
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (inserted.numInsertedOrUpdatedRows === 1n) return { isNew: true, session, startsSession }
      if ((await this.findInterval(sid)) !== undefined) return undefined
    }
    throw new Error('an attendance session could not be kept open')
  }

  /** Close a presence; never before it began. Undefined when it was closed or is not known. */
  async close(sid: string, at: Instant, by: 'event' | 'reconciliation'): Promise<IntervalRow | undefined> {
    return this.#db
      .updateTable('attendance_intervals')
      .set({ left_at: sql<Instant>`case when joined_at > ${at} then joined_at else ${at} end`, closed_by: by })
      .where('sid', '=', sid)
      .where('left_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
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

  /** Whether a person is in with any device. */
  async isIn(meetingId: string, person: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('attendance_intervals')
      .innerJoin('admissions', 'admissions.id', 'attendance_intervals.admission_id')
      .select('sid')
      .where('attendance_intervals.meeting_id', '=', meetingId)
      .where('left_at', 'is', null)
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

  /** End a session that nobody is in. False when it had ended, or somebody came. */
  async endSession(sessionId: string, at: Instant): Promise<boolean> {
    const result = await this.#db
      .updateTable('attendance_sessions')
      .set({ ended_at: at })
      .where('id', '=', sessionId)
      .where('ended_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('attendance_intervals').select('sid').where('session_id', '=', sessionId).where('left_at', 'is', null),
          ),
        ),
      )
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
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
