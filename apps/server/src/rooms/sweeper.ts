import type { Clock } from '../common/clock.ts'
import { addMillis } from '../common/instant.ts'
import type { Log } from '../common/log.ts'
import type { MeetingManager } from '../meetings/meeting-manager.ts'
import type { Database } from '../store/database.ts'
import type { AdmissionStore } from './admission/admission-store.ts'
import type { Door } from './admission/door.ts'
import type { Attendance } from './attendance/attendance.ts'
import type { EventStreams } from './events/event-streams.ts'
import type { RoomMedia } from './media/room-media.ts'
import type { RoomReconciler } from './media/room-reconciler.ts'
import { testRoomMadeAt } from './media/test-room.ts'

export interface SweeperOptions {
  db: Database
  clock: Clock
  store: AdmissionStore
  door: Door
  reconciler: RoomReconciler
  media: RoomMedia
  attendance: Attendance
  streams: EventStreams
  meetings: MeetingManager
  purgeAfterDays: number
  log: Log
}

const tickMs = 2_000
const lookMs = 10_000
const presenceMs = 20_000
const purgeMs = 3_600_000
/** Somebody who waits and of whom nothing is heard has gone. */
const waitingAbsence = 60_000
/** Somebody who is in may lose the net for a while, and come back as the same. */
const admittedAbsence = 5 * 60_000
/** A connection test takes seconds; a room of one that is still there then is ended. */
const longestTest = 60_000
const day = 86_400_000
/** How long people can be told why a deleted meeting is closed. */
const keptAfterDeletion = day

/**
 * What happens by itself as time passes. Every step asks the database and acts by conditional statements, so it may
 * run at any time, twice, and in several processes.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #timers: NodeJS.Timeout[] = []
  readonly #running = new Map<string, Promise<void>>()
  #isStopped = false
  /** Admissions that made themselves heard by a request since the last note. */
  readonly #heard = new Set<string>()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Begin. What happened while the server was away is made up for at once. */
  async start(): Promise<void> {
    const { store, clock, attendance } = this.#options
    // People get the time to come back that the server took away from them.
    await store.seeAllLive(clock.now())
    await attendance.resume()
    this.#every('tick', tickMs, () => this.tick())
    this.#every('look', lookMs, () => this.look())
    this.#every('presence', presenceMs, () => this.notePresence())
    this.#every('purge', purgeMs, () => this.purge())
    this.#guarded('tick', () => this.tick())
    this.#guarded('look', () => this.look())
    this.#guarded('purge', () => this.purge())
  }

  /** Begin no more rounds; resolves when those under way have ended, each after the meeting it is at. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#running.values())
  }

  /** Somebody made a request. */
  heard(admissionId: string): void {
    this.#heard.add(admissionId)
  }

  /** Close meetings whose time is over, let in those whose time has come, end sessions that everybody left. */
  async tick(): Promise<void> {
    const { store, clock, door, attendance } = this.#options
    for (const meetingId of await store.closedLiveMeetings(clock.now())) await door.refresh(meetingId)
    for (const meetingId of await store.meetingsWaitingFor(['notStarted', 'organizerMissing', 'full', 'guestRemoved']))
      await door.reconsider(meetingId)
    await attendance.endSessions()
  }

  /** Look into every media room somebody may be in. */
  async look(): Promise<void> {
    const { store, attendance, media, reconciler } = this.#options
    const used = new Set([...(await store.admittedMeetings()), ...(await attendance.openMeetings())])
    for (const room of used) {
      if (this.#isStopped) return
      await reconciler.reconcile(room)
    }
    for (const room of await media.rooms()) {
      if (this.#isStopped) return
      if (used.has(room)) continue
      const madeAt = testRoomMadeAt(room)
      if (madeAt === undefined) {
        if (await reconciler.isMeetings(room)) await reconciler.reconcile(room)
      } else if (this.#options.clock.millis() - madeAt > longestTest) await media.end(room)
    }
  }

  /** Note who is there, and let go of those who are not any more. */
  async notePresence(): Promise<void> {
    const { store, clock, streams, door } = this.#options
    const now = clock.now()
    await store.see([...streams.admissions(), ...this.#heard], now)
    await store.seePresent(now)
    this.#heard.clear()
    for (const { id } of await store.unseen('waiting', addMillis(now, -waitingAbsence))) await door.leave(id)
    for (const { id } of await store.unseen('admitted', addMillis(now, -admittedAbsence))) await door.leave(id)
  }

  /** Delete meetings some time after they expired, with everything that is theirs. Returns how many. */
  async purge(): Promise<number> {
    const { db, clock, meetings, store, purgeAfterDays } = this.#options
    const before = addMillis(clock.now(), -purgeAfterDays * day)
    const due = await db.selectFrom('meetings').select('id').where('expires_at', '<=', before).limit(1_000).execute()
    let purged = 0
    for (const { id } of due) if (await meetings.purge(id, before)) purged += 1
    await store.forgetDeleted(addMillis(clock.now(), -keptAfterDeletion))
    return purged
  }

  #every(name: string, ms: number, work: () => Promise<unknown>): void {
    this.#timers.push(setInterval(() => this.#guarded(name, work), ms).unref())
  }

  /** One at a time of each kind: a slow round is not overtaken by the next. */
  #guarded(name: string, work: () => Promise<unknown>): void {
    if (this.#isStopped || this.#running.has(name)) return
    const round = work()
      .then(
        () => undefined,
        (error: unknown) =>
          this.#options.log.warn({ err: error, round: name }, 'a round of the life cycle failed; the next tries again'),
      )
      .finally(() => this.#running.delete(name))
    this.#running.set(name, round)
  }
}
