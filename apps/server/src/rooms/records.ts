import { randomBytes } from 'node:crypto'
import type { ChatRecords } from '../chat/chat-records.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { Database } from '../store/database.ts'
import type { AdmissionStore } from './admission/admission-store.ts'
import type { Attendance } from './attendance/attendance.ts'

/** Whose traces are to go: an account, the address of a personal invitation, or a guest in one meeting. */
export type TracedPerson = { userId: string } | { invitedAs: string } | { meetingId: string; identity: string }

const erasedName = '—'

/** What organizer and administrator may do with everything a meeting left behind. */
export class RoomRecords {
  readonly #db: Database
  readonly #store: AdmissionStore
  readonly #attendance: Attendance
  readonly #chat: ChatRecords

  constructor(options: { db: Database; store: AdmissionStore; attendance: Attendance; chat: ChatRecords }) {
    this.#db = options.db
    this.#store = options.store
    this.#attendance = options.attendance
    this.#chat = options.chat
  }

  /** Everything there is of a meeting, as JSON. Secrets of admissions are only kept as hashes and are left out. */
  async export(meeting: Meeting): Promise<Record<string, unknown>> {
    const admissions = await this.#store.listAll(meeting.id)
    return {
      version: 1,
      meeting,
      admissions: admissions.map(({ device: _, ...admission }) => admission),
      attendance: await this.#sessions(meeting.id),
      chat: await this.#chat.export(meeting.id),
    }
  }

  /** Erase a person's traces: admissions, attendance and chat stay countable, but nobody's. Returns what was touched. */
  async erase(person: TracedPerson): Promise<{ admissions: number; messages: number }> {
    const query = this.#db.selectFrom('admissions').select(['id', 'meeting_id', 'identity', 'user_id'])
    const rows = await ('userId' in person
      ? query.where('user_id', '=', person.userId)
      : 'invitedAs' in person
        ? query.where('invited_as', '=', person.invitedAs.toLowerCase())
        : query.where('meeting_id', '=', person.meetingId).where('identity', '=', person.identity)
    ).execute()
    let messages = 'userId' in person ? await this.#chat.erase({ userId: person.userId }) : 0
    for (const { meeting_id: meetingId, identity } of rows) messages += await this.#chat.erase({ meetingId, identity })
    // One stand-in for each meeting, so that a person's devices still count as one.
    const standIns = new Map<string, string>()
    for (const { id, meeting_id: meetingId } of rows) {
      const standIn = standIns.get(meetingId) ?? `erased:${randomBytes(9).toString('base64url')}`
      standIns.set(meetingId, standIn)
      await this.#db
        .updateTable('admissions')
        .set({ name: erasedName, person: standIn, user_id: null, tenant_id: null, upn: null, invited_as: null, device: null })
        .set((set) => ({ phone: set.case().when('phone', 'is', null).then(null).else('').end() }))
        .where('id', '=', id)
        .execute()
    }
    const exclusion = 'userId' in person ? person.userId : 'invitedAs' in person ? person.invitedAs.toLowerCase() : undefined
    if (exclusion !== undefined) await this.#db.deleteFrom('exclusions').where('value', '=', exclusion).execute()
    return { admissions: rows.length, messages }
  }

  async #sessions(meetingId: string) {
    const sessions = await this.#attendance.sessions(meetingId)
    return Promise.all(sessions.map(async (session) => ({ session, records: await this.#attendance.records(session.id) })))
  }
}
