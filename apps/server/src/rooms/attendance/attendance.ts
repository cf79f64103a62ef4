import { createHash } from 'node:crypto'
import { type ParticipantInfo, ParticipantInfo_State } from 'livekit-server-sdk'
import type { Clock } from '../../common/clock.ts'
import { addMillis, type Instant, instantFromMillis } from '../../common/instant.ts'
import type { AttendanceRecord, AttendanceSession, AttendanceSource } from '../../meetings/attendance-source.ts'
import type { Admission } from '../admission/admission.ts'
import type { AdmissionStore } from '../admission/admission-store.ts'
import type { AttendanceStore, SessionRow } from './attendance-store.ts'
import { merged } from './intervals.ts'

/** A session ends when nobody was in for this long, so that the only person's reload does not make two reports. */
const graceMs = 10_000
/** Reported times this close to now are taken as now: events carry whole seconds only. */
const coarseMs = 1_500

/**
 * Who was in, and when. Fed by the media server's events and by its list of who is there, both through the same two
 * doors, so that neither a lost event nor a crash leaves a hole: what events miss, the next look finds.
 */
export class Attendance implements AttendanceSource {
  readonly #store: AttendanceStore
  readonly #admissions: AdmissionStore
  readonly #clock: Clock

  constructor(options: { store: AttendanceStore; admissions: AdmissionStore; clock: Clock }) {
    this.#store = options.store
    this.#admissions = options.admissions
    this.#clock = options.clock
  }

  /** Somebody is in a media room. Idempotent. */
  async joined(room: string, participant: ParticipantInfo): Promise<void> {
    const admission = await this.#admissions.findByIdentity(participant.identity)
    if (admission === undefined || admission.meetingId !== room || admission.admittedAt === null) return
    const now = this.#clock.now()
    const joinedAt = this.#joinedAt(participant, admission, now)
    const { id: admissionId, person } = admission
    await this.#store.open({ sid: participant.sid, meetingId: room, admissionId, person, joinedAt }, now)
  }

  /** Somebody has left a media room. A leave whose join was never heard brings it along, so there is none without. */
  async left(room: string, participant: ParticipantInfo, seconds: number): Promise<void> {
    await this.joined(room, participant)
    const now = this.#clock.millis()
    const at = seconds > 0 && Math.abs(now - seconds * 1000) > coarseMs ? Math.min(now, seconds * 1000) : now
    await this.#closed(participant.sid, instantFromMillis(at), 'event')
  }

  /** What a look at a room found. Presences it does not show that were known before it began are over. */
  async observed(room: string, present: readonly ParticipantInfo[], startedAt: Instant): Promise<void> {
    const active = present.filter(({ state }) => state !== ParticipantInfo_State.DISCONNECTED)
    for (const participant of active) await this.joined(room, participant)
    const sids = new Set(active.map(({ sid }) => sid))
    for (const interval of await this.#store.openIntervals(room)) {
      if (!sids.has(interval.sid) && interval.seen_at < startedAt)
        await this.#closed(interval.sid, interval.seen_at, 'reconciliation')
    }
    await this.#store.confirm([...sids], this.#clock.now())
  }

  /** Somebody ended it for everybody: the session is over now, and whoever comes again begins another. */
  async end(meetingId: string): Promise<void> {
    const now = this.#clock.now()
    for (const { sid } of await this.#store.openIntervals(meetingId)) await this.#closed(sid, now, 'event')
    const session = await this.#store.openSession(meetingId)
    if (session !== undefined) await this.#store.endSession(session, now, now)
  }

  /** End the sessions that everybody left. */
  async endSessions(): Promise<void> {
    const before = addMillis(this.#clock.now(), -graceMs)
    for (const session of await this.#store.openSessions()) {
      const since = await this.#store.emptySince(session.id)
      if (since !== undefined && since <= before) await this.#store.endSession(session, since, this.#clock.now())
    }
  }

  /** The meetings in whose rooms somebody should be, as far as is known. */
  async openMeetings(): Promise<string[]> {
    return (await this.#store.openSessions()).map(({ meeting_id }) => meeting_id)
  }

  async isLive(meetingId: string): Promise<boolean> {
    return (await this.#store.openSession(meetingId)) !== undefined
  }

  async sessions(meetingId: string): Promise<AttendanceSession[]> {
    const sessions = await this.#store.sessions(meetingId)
    return Promise.all(sessions.map((session) => this.#session(session)))
  }

  /** One record for each person of a session, however many devices and admissions they had, in order of coming. */
  async records(sessionId: string): Promise<AttendanceRecord[]> {
    const now = this.#clock.now()
    const people = new Map<string, Awaited<ReturnType<AttendanceStore['presences']>>>()
    for (const presence of await this.#store.presences(sessionId))
      people.set(presence.person, [...(people.get(presence.person) ?? []), presence])
    return [...people.entries()].map(([person, presences]) => {
      const last = presences.at(-1)!
      const roles = new Set(presences.map(({ role }) => role))
      const user = { id: last.user_id, displayName: last.name, tenantId: last.tenant_id }
      return {
        id: recordId(sessionId, person),
        displayName: last.name,
        email: last.upn ?? last.invited_as,
        identity: last.user_id === null ? { guest: { ...user, id: null } } : { user },
        role: roles.has('organizer')
          ? 'Organizer'
          : roles.has('coorganizer') || roles.has('presenter')
            ? 'Presenter'
            : 'Attendee',
        intervals: merged(presences.map(({ joined_at, left_at }) => ({ joinedAt: joined_at, leftAt: left_at ?? now }))),
      } satisfies AttendanceRecord
    })
  }

  async #session(session: SessionRow): Promise<AttendanceSession> {
    const participants = await this.#store.countPeople(session.id)
    return { id: session.id, startedAt: session.started_at, endedAt: session.ended_at, participants }
  }

  async #closed(sid: string, at: Instant, by: 'event' | 'reconciliation'): Promise<void> {
    const interval = await this.#store.findInterval(sid)
    if (interval === undefined || interval.left_at !== null) return
    // Without an admission there is nobody to have left; the presence is over all the same.
    const person = (await this.#admissions.find(interval.admission_id))?.admission.person ?? ''
    await this.#store.close(interval, person, { at, by, now: this.#clock.now() })
  }

  #joinedAt({ joinedAt, joinedAtMs }: ParticipantInfo, admission: Admission, now: Instant): Instant {
    const reported = joinedAtMs > 0n ? Number(joinedAtMs) : Number(joinedAt) * 1000
    const at = reported === 0 || Math.abs(this.#clock.millis() - reported) <= coarseMs ? now : instantFromMillis(reported)
    // Two clocks: nobody was in before they were let in, nor is anybody in later than now.
    if (at > now) return now
    return at < admission.admittedAt! ? admission.admittedAt! : at
  }
}

/** The same record has the same id whenever it is asked for. A GUID in form. */
function recordId(sessionId: string, person: string): string {
  const hex = createHash('sha256').update(`${sessionId} ${person}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
