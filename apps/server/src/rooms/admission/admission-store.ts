import { sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { Database } from '../../store/database.ts'
import type { Admission, AdmissionState, Affiliation, Reason, Role } from './admission.ts'
import { type AdmissionRow, toAdmission, toRow } from './admission-row.ts'
import { allGuests, type Exclusion, excludes, holdIs, lockIs, type Precondition, stillHolds } from './precondition.ts'
import { transitions } from './rules.ts'

/** What changes with a new state. */
export interface Change {
  state: AdmissionState
  reason: Reason | null
  at: Instant
  by?: string | null
}

/** Where admissions are kept. Every change of state is one conditional statement, so that of two only one happens. */
export class AdmissionStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Store a new admission, unless the precondition of its decision is gone or somebody was kept out meanwhile. False then. */
  async insert(
    admission: Admission,
    secretHash: string,
    precondition: Precondition,
    exclusions: readonly Exclusion[],
  ): Promise<boolean> {
    const row = toRow(admission, secretHash)
    const columns = Object.keys(row) as (keyof AdmissionRow)[]
    const result = await this.#db
      .insertInto('admissions')
      .columns(columns)
      .expression((builder) =>
        builder
          .selectFrom('meetings')
          .select(columns.map((column) => sql.val(row[column]).as(column)))
          .where('id', '=', precondition.meetingId)
          .where('revision', '=', precondition.revision)
          .where(lockIs(precondition))
          .where(holdIs(precondition))
          .$if(admission.state !== 'denied' && exclusions.length > 0, (query) =>
            query.where(({ not, exists, selectFrom }) =>
              not(exists(selectFrom('exclusions').select('meeting_id').where(excludes(precondition.meetingId, exclusions)))),
            ),
          ),
      )
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  async find(id: string): Promise<{ admission: Admission; secretHash: string } | undefined> {
    const row = await this.#db.selectFrom('admissions').selectAll().where('id', '=', id).executeTakeFirst()
    return row && { admission: toAdmission(row), secretHash: row.secret_hash }
  }

  async findByIdentity(identity: string): Promise<Admission | undefined> {
    const row = await this.#db.selectFrom('admissions').selectAll().where('identity', '=', identity).executeTakeFirst()
    return row && toAdmission(row)
  }

  /** Those of a meeting in some states, who asked first first. */
  async list(meetingId: string, states: readonly AdmissionState[]): Promise<Admission[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('state', 'in', states)
      .orderBy('asked_at')
      .orderBy('id')
      .execute()
    return rows.map(toAdmission)
  }

  /** The ids of those who are in. */
  async admittedIds(meetingId: string): Promise<Set<string>> {
    const rows = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .where('state', '=', 'admitted')
      .execute()
    return new Set(rows.map(({ id }) => id))
  }

  async listAll(meetingId: string): Promise<Admission[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .orderBy('asked_at')
      .orderBy('id')
      .execute()
    return rows.map(toAdmission)
  }

  async count(meetingId: string, state: AdmissionState): Promise<number> {
    const { n } = await this.#db
      .selectFrom('admissions')
      .select((select) => select.fn.countAll<number>().as('n'))
      .where('meeting_id', '=', meetingId)
      .where('state', '=', state)
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  /** Whether a browser was let into a meeting before. */
  async wasIn(meetingId: string, device: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .where('device', '=', device)
      .where('admitted_at', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Whether a telephone number was let into any meeting before, as far as that is kept. */
  async hasCalled(number: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('phone', '=', number)
      .where('admitted_at', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Whether anybody ever asked to enter, as far as that is kept. */
  async knows(meetingId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Whether somebody who runs the meeting is in. */
  async hasOrganizer(meetingId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .where('state', '=', 'admitted')
      .where('role', 'in', ['organizer', 'coorganizer'])
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** How many wait before somebody. */
  async countBefore({ meetingId, askedAt, id }: Admission): Promise<number> {
    const { n } = await this.#db
      .selectFrom('admissions')
      .select((select) => select.fn.countAll<number>().as('n'))
      .where('meeting_id', '=', meetingId)
      .where('state', '=', 'waiting')
      .where((where) =>
        where.or([where('asked_at', '<', askedAt), where.and([where('asked_at', '=', askedAt), where('id', '<', id)])]),
      )
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  /** Move one admission to a state, if it is in one that leads there. The admission as it is then, or undefined. */
  async move(id: string, change: Change, precondition?: Precondition): Promise<Admission | undefined> {
    const [moved] = await this.#move(change)
      .where('id', '=', id)
      .$if(precondition !== undefined, (query) => query.where(stillHolds(precondition!)))
      .returningAll()
      .execute()
    return moved && toAdmission(moved)
  }

  /** Move everybody of a meeting who can be moved there; `from` narrows it. Those who were. */
  async moveAll(
    meetingId: string,
    from: readonly AdmissionState[],
    change: Change,
    precondition?: Precondition,
  ): Promise<Admission[]> {
    const rows = await this.#move(change)
      .where('meeting_id', '=', meetingId)
      .where('state', 'in', from)
      .$if(precondition !== undefined, (query) => query.where(stillHolds(precondition!)))
      .returningAll()
      .execute()
    return rows.map(toAdmission).sort((a, b) => (a.askedAt < b.askedAt ? -1 : a.askedAt > b.askedAt ? 1 : 0))
  }

  #move({ state, reason, at, by }: Change) {
    const ends = state !== 'waiting' && state !== 'admitted'
    return this.#db
      .updateTable('admissions')
      .set({
        state,
        reason,
        ...(state === 'admitted' ? { admitted_at: at, seen_at: at } : {}),
        ...(ends ? { ended_at: at } : {}),
        ...(by === undefined ? {} : { decided_by: by }),
      })
      .where('state', 'in', transitions[state] as AdmissionState[])
  }

  /** Why somebody waits, when that has changed. */
  async setReason(id: string, reason: Reason): Promise<boolean> {
    const result = await this.#db
      .updateTable('admissions')
      .set({ reason })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('reason', 'is not', reason)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Write affiliation and role while somebody waits or is in. */
  async setRole(id: string, role: Role, options: { given: boolean; affiliation?: Affiliation }): Promise<Admission | undefined> {
    const row = await this.#db
      .updateTable('admissions')
      .set({
        role,
        role_given: options.given ? 1 : 0,
        ...(options.affiliation === undefined ? {} : { standing: JSON.stringify(options.affiliation) }),
      })
      .where('id', '=', id)
      .where('state', 'in', ['waiting', 'admitted'])
      .returningAll()
      .executeTakeFirst()
    return row && toAdmission(row)
  }

  async rename(id: string, name: string): Promise<Admission | undefined> {
    const row = await this.#db
      .updateTable('admissions')
      .set({ name })
      .where('id', '=', id)
      .where('state', 'in', ['waiting', 'admitted'])
      .returningAll()
      .executeTakeFirst()
    return row && toAdmission(row)
  }

  /** Note that people are there. */
  async see(ids: readonly string[], at: Instant): Promise<void> {
    if (ids.length === 0) return
    await this.#db.updateTable('admissions').set({ seen_at: at }).where('id', 'in', ids).execute()
  }

  /** People of a state of whom nothing was seen since a moment. */
  async unseen(state: 'waiting' | 'admitted', since: Instant): Promise<Admission[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('state', '=', state)
      .where('seen_at', '<', since)
      .limit(1_000)
      .execute()
    return rows.map(toAdmission)
  }

  /** After a start: as if everybody had just been seen. */
  async seeAllLive(at: Instant): Promise<void> {
    await this.#db.updateTable('admissions').set({ seen_at: at }).where('state', 'in', ['waiting', 'admitted']).execute()
  }

  /** Note everybody who is in a media room. */
  async seePresent(at: Instant): Promise<void> {
    await this.#db
      .updateTable('admissions')
      .set({ seen_at: at })
      .where('state', '=', 'admitted')
      .where('id', 'in', (query) => query.selectFrom('attendance_intervals').select('admission_id').where('left_at', 'is', null))
      .execute()
  }

  /** Meetings somebody still waits for or is in although they are cancelled, expired or gone. */
  async closedLiveMeetings(now: Instant): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .leftJoin('meetings', 'meetings.id', 'admissions.meeting_id')
      .select('admissions.meeting_id')
      .distinct()
      .where('admissions.state', 'in', ['waiting', 'admitted'])
      .where((where) =>
        where.or([
          where('meetings.id', 'is', null),
          where('meetings.cancelled_at', 'is not', null),
          where('meetings.expires_at', '<=', now),
        ]),
      )
      .execute()
    return rows.map(({ meeting_id }) => meeting_id)
  }

  /** Meetings somebody waits for because of one of some reasons. */
  async meetingsWaitingFor(reasons: readonly Reason[]): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .select('meeting_id')
      .distinct()
      .where('state', '=', 'waiting')
      .where('reason', 'in', reasons)
      .execute()
    return rows.map(({ meeting_id }) => meeting_id)
  }

  /** What deleted meetings left, once nobody needs to be told any more. */
  async forgetDeleted(before: Instant): Promise<void> {
    const gone = await this.#db
      .selectFrom('admissions')
      .leftJoin('meetings', 'meetings.id', 'admissions.meeting_id')
      .select('admissions.meeting_id')
      .where('meetings.id', 'is', null)
      .groupBy('admissions.meeting_id')
      .having((having) => having(having.fn.max('admissions.asked_at'), '<=', before))
      .execute()
    for (const { meeting_id: id } of gone) {
      await this.#db.deleteFrom('attendance_sessions').where('meeting_id', '=', id).execute()
      await this.#db.deleteFrom('exclusions').where('meeting_id', '=', id).execute()
      await this.#db.deleteFrom('room_states').where('meeting_id', '=', id).execute()
      await this.#db.deleteFrom('admissions').where('meeting_id', '=', id).execute()
    }
  }

  /** The meetings somebody is in, by the door's word. */
  async admittedMeetings(): Promise<string[]> {
    const rows = await this.#db.selectFrom('admissions').select('meeting_id').distinct().where('state', '=', 'admitted').execute()
    return rows.map(({ meeting_id }) => meeting_id)
  }

  /** When an account was first let into a meeting; null if never. */
  async firstAdmitted(meetingId: string, userId: string): Promise<Instant | null> {
    const row = await this.#db
      .selectFrom('admissions')
      .select('admitted_at')
      .where('user_id', '=', userId)
      .where('meeting_id', '=', meetingId)
      .where('admitted_at', 'is not', null)
      .orderBy('admitted_at')
      .limit(1)
      .executeTakeFirst()
    return row?.admitted_at ?? null
  }

  async isExcluded(meetingId: string, exclusions: readonly Exclusion[]): Promise<boolean> {
    if (exclusions.length === 0) return false
    const row = await this.#db
      .selectFrom('exclusions')
      .select('meeting_id')
      .where(excludes(meetingId, exclusions))
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async exclude(meetingId: string, exclusions: readonly Exclusion[], at: Instant): Promise<void> {
    if (exclusions.length === 0) return
    await this.#db
      .insertInto('exclusions')
      .values(exclusions.map(({ kind, value }) => ({ meeting_id: meetingId, kind, value, created_at: at })))
      .onConflict((conflict) => conflict.columns(['meeting_id', 'kind', 'value']).doUpdateSet({ created_at: at }))
      .execute()
  }

  /** When guests were last made to wait because one of them was removed; null when nobody was. */
  async heldAt(meetingId: string): Promise<Instant | null> {
    const row = await this.#db
      .selectFrom('exclusions')
      .select('created_at')
      .where(excludes(meetingId, [allGuests]))
      .executeTakeFirst()
    return row?.created_at ?? null
  }

  async releaseGuests(meetingId: string): Promise<void> {
    await this.#db.deleteFrom('exclusions').where('meeting_id', '=', meetingId).where('kind', '=', allGuests.kind).execute()
  }

  /** Whether the room is locked by hand: null when nobody said. */
  async lockOf(meetingId: string): Promise<boolean | null> {
    const row = await this.#db.selectFrom('room_states').select('locked').where('meeting_id', '=', meetingId).executeTakeFirst()
    return row?.locked == null ? null : row.locked === 1
  }

  async setLock(meetingId: string, locked: boolean | null): Promise<void> {
    const value = locked === null ? null : locked ? 1 : 0
    await this.#db
      .insertInto('room_states')
      .values({ meeting_id: meetingId, locked: value })
      .onConflict((conflict) => conflict.column('meeting_id').doUpdateSet({ locked: value }))
      .execute()
  }
}
