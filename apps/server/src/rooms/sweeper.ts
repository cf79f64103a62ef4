import type { Clock } from '../common/clock.ts'
import { addMillis, type Instant } from '../common/instant.ts'
import type { Log } from '../common/log.ts'
import type { Journal } from '../meetings/journal.ts'
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
  journal: Journal
  purgeAfterDays: number
  log: Log
}

const tickMs = 2_000
const lookMs = 10_000
const presenceMs = 20_000
const purgeMs = 3_600_000
/** Somebody who waits and of whom nothing is heard has gone. */
const waitingAbsence = 60_000
/** A page that said it goes may be loaded again. */
const reloadTakes = 6_000
/** Somebody who is in may lose the net for a while, and come back as the same. */
const admittedAbsence = 5 * 60_000
/** A connection test takes seconds; a room of one that is still there then is ended. */
const longestTest = 60_000
const day = 86_400_000
/** How long people can be told why a deleted meeting is closed. */
const keptAfterDeletion = day
/** How long events are kept that were told. */
const eventsKept = 3 * day
const eventsAtOnce = 2_000

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
  /** When the pages of people who wait said that they go. */
  readonly #away = new Map<string, Instant>()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Begin. What happened while the server was away is made up for at once. */
  async start(): Promise<void> {
    await this.#takeOver()
    this.#every('tick', tickMs, () => this.tick())
    this.#every('look', lookMs, () => this.look())
    this.#every('presence', presenceMs, () => this.notePresence())
    this.#every('purge', purgeMs, () => this.purge())
    this.#guarded('refresh', () => this.#refresh())
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

  /** The page of somebody who waits said that it goes: they are let go of soon, unless something is heard of them. */
  away(admissionId: string): void {
    this.#heard.delete(admissionId)
    this.#away.set(admissionId, this.#options.clock.now())
  }

  /** Somebody made a request. */
  heard(admissionId: string): void {
    this.#heard.add(admissionId)
    this.#away.delete(admissionId)
  }

  /** Somebody who waits loaded their page again, perhaps from another process than the one they left. */
  async back(admissionId: string): Promise<void> {
    await this.#options.store.see([admissionId], this.#options.clock.now())
  }

  /** Close meetings whose time is over, let in those whose time has come, end sessions that everybody left. */
  async tick(): Promise<void> {
    const { store, clock, door, attendance } = this.#options
    await this.#letGo()
    for (const meetingId of await store.closedLiveMeetings(clock.now())) await door.refresh(meetingId)
    for (const meetingId of await store.meetingsWaitingFor(['notStarted', 'organizerMissing', 'full', 'guestRemoved']))
      await door.reconsider(meetingId)
    await attendance.endSessions()
  }

  /** Look into every media room somebody may be in. */
  async look(): Promise<void> {
    const { store, attendance, media, reconciler } = this.#options
    const used = new Set([...(await store.admittedMeetings()), ...(await attendance.openMeetings())])
    reconciler.follow(used)
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
    await this.#takeOver()
    for (const who of await store.unseen('waiting', addMillis(now, -waitingAbsence))) await door.leave(who)
    for (const who of await store.unseen('admitted', addMillis(now, -admittedAbsence))) await door.leave(who)
  }

  /** Delete meetings some time after they expired, with everything that is theirs. Returns how many. */
  async purge(): Promise<number> {
    const { db, clock, meetings, store, journal, purgeAfterDays } = this.#options
    const before = addMillis(clock.now(), -purgeAfterDays * day)
    const due = await db.selectFrom('meetings').select('id').where('expires_at', '<=', before).limit(1_000).execute()
    let purged = 0
    for (const { id } of due) if (await meetings.purge(id, before)) purged += 1
    const forgotten = addMillis(clock.now(), -keptAfterDeletion)
    await store.forgetDeleted(forgotten)
    await store.forgetTurnedAway(forgotten)
    await journal.forgetDeleted(forgotten)
    // In pieces: others write between them.
    while (!this.#isStopped && (await journal.purge(addMillis(clock.now(), -eventsKept), eventsAtOnce)) === eventsAtOnce);
    return purged
  }

  async #letGo(): Promise<void> {
    const { store, clock, door } = this.#options
    const now = clock.now()
    for (const [id, since] of this.#away) {
      if (addMillis(since, reloadTakes) > now) continue
      this.#away.delete(id)
      const who = await store.waitingUnseen(id, since)
      if (who !== undefined) await door.leave(who)
    }
  }

  /** See to those whose process is gone: callers went with it, the others get the time to come back that it took from them. */
  async #takeOver(): Promise<void> {
    const { store, clock, door } = this.#options
    for (const caller of await store.lostCallers()) await door.leave(caller)
    await store.adopt(clock.now())
  }

  /** What a process that died had stored of a meeting may not have reached everybody at its door. */
  async #refresh(): Promise<void> {
    const { store, door } = this.#options
    for (const meetingId of await store.liveMeetings()) if (!this.#isStopped) await door.refresh(meetingId)
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
