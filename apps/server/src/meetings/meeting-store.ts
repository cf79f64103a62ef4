import type { CompiledQuery, Selectable } from 'kysely'
import type { Instant } from '../common/instant.ts'
import type { Database } from '../store/database.ts'
import type { MeetingsTable } from '../store/tables/meetings.ts'
import type { Step } from '../store/unit.ts'
import type { EventBody } from './events.ts'
import type { Journal } from './journal.ts'
import type { AccessLevel, Attendee, Meeting, MeetingOptions } from './meeting.ts'

type Row = Selectable<MeetingsTable>
type UniqueColumn = 'id' | 'vtc_id' | 'thread_guid' | 'participant_passcode' | 'leader_passcode' | 'join_code'

/** Where meetings are kept. SQL only; the rules are the manager's. Every change is one unit with the event that tells of it. */
export class MeetingStore {
  readonly #db: Database
  readonly #journal: Journal
  // Building a statement costs more than running it, and these are the same for every meeting.
  #insert: { query: CompiledQuery; columns: (keyof Row)[] } | undefined
  #update: { query: CompiledQuery; columns: Exclude<keyof Row, 'id' | 'revision'>[] } | undefined
  readonly #finds = new Map<UniqueColumn, CompiledQuery<Row>>()

  constructor(db: Database, journal: Journal) {
    this.#db = db
    this.#journal = journal
  }

  /** Store a new meeting. False when one of its unique names is taken; nothing is stored then. */
  async insert(meeting: Meeting): Promise<boolean> {
    const row = toRow(meeting)
    this.#insert ??= {
      query: this.#db
        .insertInto('meetings')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .compile(),
      columns: Object.keys(row) as (keyof Row)[],
    }
    const { query, columns } = this.#insert
    const insert = { query: { ...query, parameters: columns.map((column) => row[column]) }, must: true }
    return this.#write(meeting, meeting.createdAt, [insert], { kind: 'meetingCreated' })
  }

  async findById(id: string): Promise<Meeting | undefined> {
    return this.#find('id', id)
  }

  async findByVtcId(vtcId: string): Promise<Meeting | undefined> {
    return this.#find('vtc_id', vtcId)
  }

  async findByThread(threadGuid: string): Promise<Meeting | undefined> {
    return this.#find('thread_guid', threadGuid)
  }

  async findByPasscode(passcode: string): Promise<Meeting | undefined> {
    return this.#find('participant_passcode', passcode)
  }

  async findByLeaderPasscode(passcode: string): Promise<Meeting | undefined> {
    return this.#find('leader_passcode', passcode)
  }

  async findByJoinCode(joinCode: string): Promise<Meeting | undefined> {
    return this.#find('join_code', joinCode)
  }

  async findByExternalId(tenantId: string, organizerId: string, externalId: string): Promise<Meeting | undefined> {
    const row = await this.#db
      .selectFrom('meetings')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('organizer_id', '=', organizerId)
      .where('external_id', '=', externalId)
      .executeTakeFirst()
    return row && toMeeting(row)
  }

  /**
   * Write a change of a meeting, and with it what it changes elsewhere, if nobody changed the meeting since it was read
   * (`revision`). False when somebody did, or it is gone.
   */
  async update(meeting: Meeting, at: Instant, elsewhere: readonly Step[] = []): Promise<boolean> {
    const changed = { ...meeting, revision: meeting.revision + 1 }
    const update = { query: this.#updated(meeting), must: true }
    return this.#write(meeting, at, [update, ...elsewhere], { kind: 'meetingUpdated', meeting: changed })
  }

  /** Write what nobody needs to be told of, on the same condition. */
  async note(meeting: Meeting): Promise<boolean> {
    const result = await this.#db.executeQuery(this.#updated(meeting))
    return result.numAffectedRows === 1n
  }

  /** Delete a meeting, and with it what that changes elsewhere; with `before` only if its time was over then. False when it is gone, or not over. */
  async delete(meeting: Meeting, at: Instant, elsewhere: readonly Step[] = [], before?: Instant): Promise<boolean> {
    const query = this.#db
      .deleteFrom('meetings')
      .where('id', '=', meeting.id)
      .$if(before !== undefined, (builder) => builder.where('expires_at', '<=', before!))
      .compile()
    return this.#write(meeting, at, [{ query, must: true }, ...elsewhere], { kind: 'meetingDeleted', meeting })
  }

  async #write({ id }: Meeting, at: Instant, writes: readonly Step[], event: EventBody): Promise<boolean> {
    return (await this.#journal.write({ meetingId: id, at, writes, events: [event] })) !== undefined
  }

  #updated(meeting: Meeting): CompiledQuery {
    const { id, revision, ...row } = toRow(meeting)
    this.#update ??= {
      query: this.#db
        .updateTable('meetings')
        .set({ ...row, revision: revision + 1 })
        .where('id', '=', id)
        .where('revision', '=', revision)
        .compile(),
      columns: Object.keys(row) as Exclude<keyof Row, 'id' | 'revision'>[],
    }
    const { query, columns } = this.#update
    return { ...query, parameters: [...columns.map((column) => row[column]), revision + 1, id, revision] }
  }

  async #find(column: UniqueColumn, value: string): Promise<Meeting | undefined> {
    const query = this.#finds.get(column) ?? this.#db.selectFrom('meetings').selectAll().where(column, '=', value).compile()
    this.#finds.set(column, query)
    const { rows } = await this.#db.executeQuery<Row>({ ...query, parameters: [value] })
    const row = rows[0]
    return row && toMeeting(row)
  }
}

/** A stored row as the domain sees it. */
export function toMeeting(row: Row): Meeting {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    organizerId: row.organizer_id,
    vtcId: row.vtc_id,
    threadGuid: row.thread_guid,
    joinCode: row.join_code,
    joinPasscode: row.join_passcode,
    participantPasscode: row.participant_passcode,
    leaderPasscode: row.leader_passcode,
    externalId: row.external_id,
    meetingType: row.meeting_type,
    subject: row.subject,
    startAt: row.start_at,
    endAt: row.end_at,
    createdAt: row.created_at,
    cancelledAt: row.cancelled_at,
    expiresAt: row.expires_at,
    expiresExplicit: row.expires_explicit === 1,
    lastUsedAt: row.last_used_at,
    accessLevel: row.access_level as AccessLevel,
    entryExitAnnouncement: row.entry_exit_announcement === 1,
    attendees: JSON.parse(row.attendees) as Attendee[],
    options: JSON.parse(row.options) as MeetingOptions,
    revision: row.revision,
  }
}

function toRow(meeting: Meeting): Row {
  return {
    id: meeting.id,
    tenant_id: meeting.tenantId,
    organizer_id: meeting.organizerId,
    vtc_id: meeting.vtcId,
    thread_guid: meeting.threadGuid,
    join_code: meeting.joinCode,
    join_passcode: meeting.joinPasscode,
    participant_passcode: meeting.participantPasscode,
    leader_passcode: meeting.leaderPasscode,
    external_id: meeting.externalId,
    meeting_type: meeting.meetingType,
    subject: meeting.subject,
    start_at: meeting.startAt,
    end_at: meeting.endAt,
    created_at: meeting.createdAt,
    cancelled_at: meeting.cancelledAt,
    expires_at: meeting.expiresAt,
    expires_explicit: meeting.expiresExplicit ? 1 : 0,
    last_used_at: meeting.lastUsedAt,
    access_level: meeting.accessLevel,
    entry_exit_announcement: meeting.entryExitAnnouncement ? 1 : 0,
    attendees: JSON.stringify(meeting.attendees),
    options: JSON.stringify(meeting.options),
    revision: meeting.revision,
  }
}
