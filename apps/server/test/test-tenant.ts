import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../src/common/clock.ts'
import { instantFromMillis } from '../src/common/instant.ts'
import type { Opening } from '../src/config/config.ts'
import { Directory } from '../src/identity/directory.ts'
import { EventFeed } from '../src/meetings/event-feed.ts'
import { Journal } from '../src/meetings/journal.ts'
import type { Attendee, Meeting } from '../src/meetings/meeting.ts'
import { MeetingManager } from '../src/meetings/meeting-manager.ts'
import { MeetingStore } from '../src/meetings/meeting-store.ts'
import { AdmissionStore } from '../src/rooms/admission/admission-store.ts'
import { AdmissionUnits } from '../src/rooms/admission/admission-units.ts'
import { Door } from '../src/rooms/admission/door.ts'
import { meetingConsequences } from '../src/rooms/admission/meeting-consequences.ts'
import type { Proof } from '../src/rooms/admission/policy.ts'
import { type Database, openDatabase } from '../src/store/database.ts'

export const nobody: Proof = { user: null, application: null, invitedAs: null, phone: null }

/** A clock that stands until it is moved. */
export class TestClock implements Clock {
  at = Date.UTC(2026, 10, 23, 12)
  millis(): number {
    return this.at
  }
  now() {
    return instantFromMillis(this.at)
  }
}

export const nodeId = 'this-process'

/** A tenant with people, a real database in a temporary folder, and a door. For tests of this server's own parts. */
export class TestTenant {
  readonly clock = new TestClock()
  readonly folder = mkdtempSync(join(tmpdir(), 'parley-door-'))
  db!: Database
  journal!: Journal
  feed!: EventFeed
  meetings!: MeetingManager
  meetingStore!: MeetingStore
  store!: AdmissionStore
  door!: Door
  tenantId = ''
  organizerId = ''
  colleagueId = ''
  readonly #options: { opening?: Opening; capacity?: number }

  private constructor(options: { opening?: Opening; capacity?: number }) {
    this.#options = options
  }

  static async open(options: { opening?: Opening; capacity?: number } = {}): Promise<TestTenant> {
    const house = new TestTenant(options)
    house.db = await openDatabase({ path: join(house.folder, 'parley.db') })
    const directory = new Directory(house.db, house.clock)
    const tenant = await directory.tenants.create({ domain: 'house.example', displayName: 'House' })
    house.tenantId = tenant.id
    house.organizerId = (await directory.users.create({ tenantId: tenant.id, upn: 'olga@house.example', displayName: 'Olga' })).id
    house.colleagueId = (await directory.users.create({ tenantId: tenant.id, upn: 'carl@house.example', displayName: 'Carl' })).id
    const now = house.clock.now()
    await house.db.insertInto('nodes').values({ id: nodeId, started_at: now, seen_at: now }).execute()
    house.restart()
    return house
  }

  /** What a crash and a new start leave: everything in memory is gone, the database is not. */
  restart(): void {
    const { db, clock } = this
    this.journal = new Journal(db)
    this.feed = new EventFeed({
      ...{ db, journal: this.journal },
      onError: (error) => {
        throw error
      },
    })
    this.store = new AdmissionStore(db, nodeId)
    this.meetingStore = new MeetingStore(db, this.journal)
    this.meetings = new MeetingManager(this.meetingStore, clock, { consequences: meetingConsequences(db) })
    const { journal, store, meetings, meetingStore } = this
    const units = new AdmissionUnits({ db, journal, nodeId })
    const { opening = 'any', capacity = 1_000 } = this.#options
    this.door = new Door({ store, units, meetings, meetingStore, clock, opening, capacity })
  }

  async meeting(draft: Partial<Meeting> & { attendees?: Attendee[] } = {}): Promise<Meeting> {
    const { accessLevel = 'everyone', startAt, endAt, attendees = [], options = {}, meetingType } = draft
    const { tenantId, organizerId } = this
    return this.meetings.create({ tenantId, organizerId, accessLevel, attendees, options, startAt, endAt, meetingType })
  }

  userProof(id: string, upn: string): Proof {
    return { ...nobody, user: { id, tenantId: this.tenantId, upn } }
  }

  get organizer(): Proof {
    return this.userProof(this.organizerId, 'olga@house.example')
  }

  get colleague(): Proof {
    return this.userProof(this.colleagueId, 'carl@house.example')
  }

  ask(meeting: Meeting, proof: Proof = nobody, more: { name?: string; device?: string; number?: string } = {}) {
    return this.door.ask({ meeting, way: 'link', name: more.name ?? 'Guest', lang: 'en', proof, ...more })
  }

  async close(): Promise<void> {
    await this.db.destroy()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
