import type { ExpressionBuilder } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { Roster, RosterMember } from '../../meetings/roster.ts'
import type { Database } from '../../store/database.ts'
import type { Schema } from '../../store/schema.ts'
import type { Admission, AdmissionState, Reason, Role } from './admission.ts'
import { toAdmission } from './admission-row.ts'
import { allGuests, type Exclusion } from './exclusion.ts'
import type { Held } from './giving-way.ts'
import { excludes, isNamed } from './precondition.ts'
import { isRecognized, placeOf, roleHorizon } from './recognition.ts'

/** What is known of admissions. What changes them is in admission-units.ts. */
export class AdmissionStore implements Roster {
  readonly #db: Database
  readonly #nodeId: string

  /** `nodeId` names this process: it looks after the people it hears of. */
  constructor(db: Database, nodeId: string) {
    this.#db = db
    this.#nodeId = nodeId
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

  /** Those who wait or are in and whom some exclusions name. */
  async named(meetingId: string, exclusions: readonly Exclusion[]): Promise<Admission[]> {
    if (exclusions.length === 0) return []
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('state', 'in', ['waiting', 'admitted'])
      .where(isNamed(exclusions))
      .execute()
    return rows.map(toAdmission)
  }

  /** Some of a meeting, in whatever state. */
  async some(meetingId: string, ids: readonly string[]): Promise<Admission[]> {
    if (ids.length === 0) return []
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('id', 'in', ids)
      .execute()
    return rows.map(toAdmission)
  }

  async membersOf(meetingId: string, admissionIds: readonly string[]): Promise<RosterMember[]> {
    const byId = new Map((await this.some(meetingId, admissionIds)).map((admission) => [admission.id, admission]))
    return admissionIds.flatMap((id) => {
      const found = byId.get(id)
      if (found === undefined) return []
      const { identity, name, userId, role, phone } = found
      return [{ identity, name, userId, role, phone: phone !== null }]
    })
  }

  /** Those for whom a meeting was closed at a moment. */
  async closedAt(meetingId: string, at: Instant): Promise<Admission[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('state', '=', 'expired')
      .where('ended_at', '=', at)
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

  /** How many places are taken: devices of one person take one. */
  async countPlaces(meetingId: string): Promise<number> {
    const { n } = await this.#db
      .selectFrom('admissions')
      .select((select) => select.fn.count<number>(placeOf()).distinct().as('n'))
      .where('meeting_id', '=', meetingId)
      .where('state', '=', 'admitted')
      .executeTakeFirstOrThrow()
    return Number(n)
  }

  /** Those who wait or are in and whom one of the keys recognises before all others (recognition.ts). */
  async recognized(meetingId: string, keys: readonly string[]): Promise<Admission[]> {
    if (keys.length === 0) return []
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('meeting_id', '=', meetingId)
      .where('state', 'in', ['waiting', 'admitted'])
      .where(isRecognized(keys))
      .orderBy('asked_at')
      .orderBy('id')
      .execute()
    return rows.map(toAdmission)
  }

  /** The role given to a person in a meeting, while it holds. */
  async givenRole(meetingId: string, key: string | undefined, now: Instant): Promise<Role | undefined> {
    if (key === undefined) return undefined
    const row = await this.#db
      .selectFrom('given_roles')
      .select('role')
      .where('meeting_id', '=', meetingId)
      .where('person', '=', key)
      .where('given_at', '>', roleHorizon(now))
      .executeTakeFirst()
    return row && (row.role as Role)
  }

  /** Places of people who were let in and are not in the media room; of those who run the meeting none. */
  async reserved(meetingId: string): Promise<Held[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .leftJoin('attendance_intervals', 'attendance_intervals.admission_id', 'admissions.id')
      .select(['admissions.id', 'sender', 'user_id', 'invited_as', 'tenant_id', 'admitted_at'])
      .select((select) => [
        select.fn.max<Instant | null>('attendance_intervals.left_at').as('left'),
        select.fn.count<number>('attendance_intervals.sid').as('came'),
        select.fn.count<number>('attendance_intervals.left_at').as('went'),
      ])
      .where('admissions.meeting_id', '=', meetingId)
      .where('state', '=', 'admitted')
      .where('role', 'not in', ['organizer', 'coorganizer'])
      .groupBy(['admissions.id', 'sender', 'user_id', 'invited_as', 'tenant_id', 'admitted_at'])
      .having((having) =>
        having(having.fn.count('attendance_intervals.sid'), '=', having.fn.count('attendance_intervals.left_at')),
      )
      .execute()
    return rows.map((row) => ({
      id: row.id,
      sender: (row.user_id ?? row.invited_as ?? row.tenant_id) ? null : row.sender,
      since: row.left ?? row.admitted_at!,
      cameIn: Number(row.came) > 0,
    }))
  }

  /** Ids of those who wait in the same browser beside one, who asked first first. */
  async waitingOf(meetingId: string, device: string, butId: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .select('id')
      .where('meeting_id', '=', meetingId)
      .where('device', '=', device)
      .where('state', '=', 'waiting')
      .where('id', '<>', butId)
      .orderBy('asked_at')
      .orderBy('id')
      .execute()
    return rows.map(({ id }) => id)
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

  /** Note that people are there. */
  async see(ids: readonly string[], at: Instant): Promise<void> {
    if (ids.length === 0) return
    await this.#db.updateTable('admissions').set({ seen_at: at, node_id: this.#nodeId }).where('id', 'in', ids).execute()
  }

  /** Somebody who waits, unless they were seen after a moment. */
  async waitingUnseen(id: string, since: Instant): Promise<Admission | undefined> {
    const row = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('seen_at', '<=', since)
      .executeTakeFirst()
    return row && toAdmission(row)
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

  /**
   * Take over those whose process is not there any more, as if they had just been seen: they get the time to come back
   * that it took away from them. Callers are left out: their calls ended with it.
   */
  async adopt(at: Instant): Promise<void> {
    await this.#db
      .updateTable('admissions')
      .set({ seen_at: at, node_id: this.#nodeId })
      .where('state', 'in', ['waiting', 'admitted'])
      .where('phone', 'is', null)
      .where(isOrphan)
      .execute()
  }

  /** Callers whose process is not there any more. */
  async lostCallers(): Promise<Admission[]> {
    const rows = await this.#db
      .selectFrom('admissions')
      .selectAll()
      .where('state', 'in', ['waiting', 'admitted'])
      .where('phone', 'is not', null)
      .where(isOrphan)
      .execute()
    return rows.map(toAdmission)
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

  /** Forget who was never let in, some time after, and roles that hold no more. */
  async forgetTurnedAway(before: Instant): Promise<void> {
    await this.#db.deleteFrom('admissions').where('admitted_at', 'is', null).where('ended_at', '<=', before).execute()
    await this.#db.deleteFrom('given_roles').where('given_at', '<=', before).execute()
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
      await this.#db.deleteFrom('given_roles').where('meeting_id', '=', id).execute()
      await this.#db.deleteFrom('meeting_events').where('meeting_id', '=', id).where('pending', 'is', null).execute()
      // Without its counter a meeting's events would be numbered anew, beside those that are still to be told.
      await this.#db
        .deleteFrom('room_states')
        .where('meeting_id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('meeting_events').select('seq').where('meeting_events.meeting_id', '=', id))),
        )
        .execute()
      await this.#db.deleteFrom('admissions').where('meeting_id', '=', id).execute()
    }
  }

  /** The meetings at whose door somebody is. */
  async liveMeetings(): Promise<string[]> {
    const live = ['waiting', 'admitted']
    const rows = await this.#db.selectFrom('admissions').select('meeting_id').distinct().where('state', 'in', live).execute()
    return rows.map(({ meeting_id }) => meeting_id)
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

  /** When guests were last made to wait because one of them was removed; null when nobody was. */
  async heldAt(meetingId: string): Promise<Instant | null> {
    const row = await this.#db
      .selectFrom('exclusions')
      .select('created_at')
      .where(excludes(meetingId, [allGuests]))
      .executeTakeFirst()
    return row?.created_at ?? null
  }

  /** Whether the room is locked by hand: null when nobody said. */
  async lockOf(meetingId: string): Promise<boolean | null> {
    const row = await this.#db.selectFrom('room_states').select('locked').where('meeting_id', '=', meetingId).executeTakeFirst()
    return row?.locked == null ? null : row.locked === 1
  }
}

/** Whether nobody looks after somebody: their process is no node any more. */
function isOrphan({ or, eb, selectFrom }: ExpressionBuilder<Schema, 'admissions'>) {
  return or([eb('node_id', 'is', null), eb('node_id', 'not in', selectFrom('nodes').select('nodes.id'))])
}
