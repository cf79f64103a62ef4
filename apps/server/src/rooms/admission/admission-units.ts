import { sql } from 'kysely'
import type { Instant } from '../../common/instant.ts'
import type { ClosingReason, EventBody } from '../../meetings/events.ts'
import type { Journal } from '../../meetings/journal.ts'
import type { Database } from '../../store/database.ts'
import type { Step } from '../../store/unit.ts'
import type { Admission, AdmissionState, Affiliation, Reason, Role } from './admission.ts'
import { type AdmissionRow, toAdmission, toRow } from './admission-row.ts'
import { allGuests, type Exclusion } from './exclusion.ts'
import { excludes, isNamed, isStill, type Precondition, stillHolds } from './precondition.ts'
import { isRecognized } from './recognition.ts'
import { transitions } from './rules.ts'

/** What changes with a new state. */
export interface Change {
  state: AdmissionState
  reason: Reason | null
  at: Instant
  by?: string | null
}

type Who = Pick<Admission, 'id' | 'meetingId'>

/**
 * The changes the door makes. Each is one unit of the meeting's journal: statements that have an effect only while what
 * was decided on still holds, and the event that tells of them. Of two that exclude each other only one happens.
 */
export class AdmissionUnits {
  readonly #db: Database
  readonly #journal: Journal
  /** The process that looks after those who come in here. */
  readonly #nodeId: string

  constructor(options: { db: Database; journal: Journal; nodeId: string }) {
    this.#db = options.db
    this.#journal = options.journal
    this.#nodeId = options.nodeId
  }

  /** Store a new admission, unless the precondition of its decision is gone or somebody was kept out meanwhile. False then. */
  async insert(
    admission: Admission,
    secretHash: string,
    precondition: Precondition,
    exclusions: readonly Exclusion[],
  ): Promise<boolean> {
    const row = { ...toRow(admission, secretHash), node_id: this.#nodeId }
    const columns = Object.keys(row) as (keyof AdmissionRow)[]
    const query = this.#db
      .insertInto('admissions')
      .columns(columns)
      .expression((builder) =>
        builder
          .selectFrom('meetings')
          .select(columns.map((column) => sql.val(row[column]).as(column)))
          .where('id', '=', precondition.meetingId)
          .where('revision', '=', precondition.revision)
          .where(isStill(precondition))
          .$if(admission.state !== 'denied' && exclusions.length > 0, (select) =>
            select.where(({ not, exists, selectFrom }) =>
              not(exists(selectFrom('exclusions').select('meeting_id').where(excludes(precondition.meetingId, exclusions)))),
            ),
          ),
      )
      .compile()
    const event: EventBody = { kind: 'asked', admissionIds: [admission.id] }
    return (await this.#write(admission.meetingId, admission.askedAt, [{ query, must: true }], [event])) !== undefined
  }

  /** Move one admission to a state, if it is in one that leads there. The admission as it is then, or undefined. */
  async move({ id, meetingId }: Who, change: Change, precondition?: Precondition): Promise<Admission | undefined> {
    return (await this.moveAll(meetingId, [id], change, precondition))[0]
  }

  /** Move those of some admissions who can be moved there. Those who were, who asked first first. */
  async moveAll(meetingId: string, ids: readonly string[], change: Change, precondition?: Precondition): Promise<Admission[]> {
    if (ids.length === 0) return []
    const { state, reason, at, by } = change
    const ends = state !== 'waiting' && state !== 'admitted'
    const query = this.#db
      .updateTable('admissions')
      .set({
        state,
        reason,
        ...(state === 'admitted' ? { admitted_at: at, seen_at: at } : {}),
        ...(ends ? { ended_at: at } : {}),
        ...(by === undefined ? {} : { decided_by: by }),
      })
      .where('id', 'in', ids)
      .where('meeting_id', '=', meetingId)
      .where('state', 'in', transitions[state] as AdmissionState[])
      .$if(precondition !== undefined, (update) => update.where(stillHolds(precondition!)))
      .returningAll()
      .compile()
    const event: EventBody = { kind: state === 'admitted' ? 'admitted' : 'ended', admissionIds: [...ids] }
    const rows = (await this.#write(meetingId, at, [{ query, must: true }], [event])) ?? []
    return rows.map(toAdmission).sort((a, b) => (a.askedAt < b.askedAt ? -1 : a.askedAt > b.askedAt ? 1 : 0))
  }

  /** End it for everybody who waits or is in. False when that is nobody. */
  async close(meetingId: string, reason: ClosingReason, at: Instant): Promise<boolean> {
    const close = { ...closing(this.#db, meetingId, reason, at), must: true }
    return (await this.#write(meetingId, at, [close], [{ kind: 'closed', reason }])) !== undefined
  }

  /**
   * Send somebody out, with everybody else of `ids`, and keep out whom the exclusions name from now on. Undefined when
   * they name somebody who is not of `ids`: somebody has come meanwhile. Those who went.
   */
  async remove(
    meetingId: string,
    ids: readonly string[],
    exclusions: readonly Exclusion[],
    by: { name: string; at: Instant },
  ): Promise<Admission[] | undefined> {
    const { at } = by
    const live = ['waiting', 'admitted'] as const
    const steps: Step[] = []
    const named = exclusions.filter(({ kind }) => kind !== allGuests.kind)
    if (named.length > 0) {
      const nobodyElse = this.#db
        .selectFrom('room_states')
        .select('meeting_id')
        .where('meeting_id', '=', meetingId)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('admissions')
                .select('id')
                .where('admissions.meeting_id', '=', meetingId)
                .where('state', 'in', live)
                .$if(ids.length > 0, (query) => query.where('id', 'not in', ids))
                .where(isNamed(named)),
            ),
          ),
        )
        .compile()
      steps.push({ query: nobodyElse, must: true })
    }
    if (exclusions.length > 0) steps.push({ query: this.#excluding(meetingId, exclusions, at) })
    const sendOut = this.#db
      .updateTable('admissions')
      .set((set) => ({
        state: set.case().when('state', '=', 'admitted').then('removed').else('denied').end(),
        ...{ reason: 'removed', ended_at: at, decided_by: by.name },
      }))
      .where('meeting_id', '=', meetingId)
      .where('id', 'in', ids)
      .where('state', 'in', live)
      .returningAll()
      .compile()
    if (ids.length > 0) steps.push({ query: sendOut })
    const holds = exclusions.length > named.length
    const events: EventBody[] = [
      ...(ids.length > 0 ? [{ kind: 'ended' as const, admissionIds: [...ids] }] : []),
      ...(holds || ids.length === 0 ? [{ kind: 'roomChanged' as const }] : []),
    ]
    return (await this.#write(meetingId, at, steps, events))?.map(toAdmission)
  }

  /** Why somebody waits, when that has changed. */
  async setReason({ id, meetingId }: Who, reason: Reason, at: Instant): Promise<boolean> {
    const query = this.#db
      .updateTable('admissions')
      .set({ reason })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('reason', 'is distinct from', reason)
      .compile()
    return (await this.#write(meetingId, at, [{ query, must: true }], [changed(id)])) !== undefined
  }

  /** Write affiliation and role while somebody waits or is in; with `revision` only while the meeting is as it was. */
  async setRole(
    { id, meetingId }: Who,
    role: Role,
    options: { at: Instant; given: boolean; affiliation?: Affiliation; revision?: number },
  ): Promise<Admission | undefined> {
    const { affiliation, revision } = options
    const query = this.#live(id, {
      role,
      role_given: options.given ? 1 : 0,
      ...(affiliation === undefined ? {} : { standing: JSON.stringify(affiliation) }),
    })
      .$if(revision !== undefined, (update) =>
        update.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('meetings')
              .select('meetings.id')
              .where('meetings.id', '=', meetingId)
              .where('meetings.revision', '=', revision!),
          ),
        ),
      )
      .returningAll()
      .compile()
    const rows = await this.#write(meetingId, options.at, [{ query, must: true }], [changed(id)])
    return rows && toAdmission(rows[0]!)
  }

  /** Give a person a role: to one admission, to all that `keys` recognise, and to those yet to come. Those who wait or are in. */
  async giveRole({ id, meetingId }: Who, role: Role, keys: readonly string[], others: readonly string[], at: Instant) {
    const change = { role, role_given: 1 }
    const own = this.#live(id, change).returningAll().compile()
    const steps: Step[] = [{ query: own, must: true }]
    if (keys.length > 0) {
      const values = keys.map((person) => ({ meeting_id: meetingId, person, role, given_at: at }))
      const keep = this.#db
        .insertInto('given_roles')
        .values(values)
        .onConflict((conflict) => conflict.columns(['meeting_id', 'person']).doUpdateSet({ role, given_at: at }))
        .compile()
      const rest = this.#db
        .updateTable('admissions')
        .set(change)
        .where('meeting_id', '=', meetingId)
        .where('id', '<>', id)
        .where('state', 'in', ['waiting', 'admitted'])
        .where(isRecognized(keys))
        .returningAll()
        .compile()
      steps.push({ query: keep }, { query: rest })
    }
    const told = [id, ...others]
    const rows = await this.#write(meetingId, at, steps, [{ kind: 'changed', admissionIds: told }])
    if (rows === undefined) return undefined
    // Whoever came between the look and the write got the role too, and is to be told of.
    const late = rows.map((row) => row.id).filter((each) => !told.includes(each))
    if (late.length > 0) await this.#write(meetingId, at, [], [{ kind: 'changed', admissionIds: late }])
    return rows.map(toAdmission)
  }

  async rename({ id, meetingId }: Who, name: string, at: Instant): Promise<Admission | undefined> {
    const query = this.#live(id, { name }).returningAll().compile()
    const rows = await this.#write(meetingId, at, [{ query, must: true }], [changed(id)])
    return rows && toAdmission(rows[0]!)
  }

  /** Lock or unlock by hand. Unlocking also lets guests in again who waited because one of them was removed. */
  async setLock(meetingId: string, locked: boolean, at: Instant): Promise<void> {
    const lock = { query: lockStep(this.#db, meetingId, locked) }
    const release = { query: releaseGuests(this.#db, meetingId) }
    await this.#write(meetingId, at, locked ? [lock] : [lock, release], [{ kind: 'roomChanged' }])
  }

  #live(id: string, change: Partial<AdmissionRow>) {
    return this.#db.updateTable('admissions').set(change).where('id', '=', id).where('state', 'in', ['waiting', 'admitted'])
  }

  #excluding(meetingId: string, exclusions: readonly Exclusion[], at: Instant) {
    return this.#db
      .insertInto('exclusions')
      .values(exclusions.map(({ kind, value }) => ({ meeting_id: meetingId, kind, value, created_at: at })))
      .onConflict((conflict) => conflict.columns(['meeting_id', 'kind', 'value']).doUpdateSet({ created_at: at }))
      .compile()
  }

  /** The rows that the unit's statements answered; undefined when nothing was stored. */
  async #write(
    meetingId: string,
    at: Instant,
    writes: readonly Step[],
    events: readonly EventBody[],
  ): Promise<AdmissionRow[] | undefined> {
    const results = await this.#journal.write({ meetingId, at, writes, events })
    return results?.flatMap(({ rows }) => rows.filter((row) => 'secret_hash' in row)) as AdmissionRow[] | undefined
  }
}

/** Ends everybody who waits or is in. */
export function closing(db: Database, meetingId: string, reason: ClosingReason, at: Instant): Step {
  const query = db
    .updateTable('admissions')
    .set({ state: 'expired', reason, ended_at: at })
    .where('meeting_id', '=', meetingId)
    .where('state', 'in', ['waiting', 'admitted'])
    .compile()
  return { query }
}

/** Null: as the access level says. */
export function lockStep(db: Database, meetingId: string, locked: boolean | null) {
  const value = locked === null ? null : Number(locked)
  return db.updateTable('room_states').set({ locked: value }).where('meeting_id', '=', meetingId).compile()
}

export function releaseGuests(db: Database, meetingId: string) {
  return db.deleteFrom('exclusions').where('meeting_id', '=', meetingId).where('kind', '=', allGuests.kind).compile()
}

function changed(id: string): EventBody {
  return { kind: 'changed', admissionIds: [id] }
}
