import type { Answer, Media } from '@parley/door-api'
import type { WebhookEvent } from 'livekit-server-sdk'
import type { ChatAccess } from '../chat/chat-access.ts'
import type { ChatRecords } from '../chat/chat-records.ts'
import type { ChatStore } from '../chat/chat-store.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import type { Directory } from '../identity/directory.ts'
import type { EventFeed } from '../meetings/event-feed.ts'
import type { MeetingEvent } from '../meetings/events.ts'
import type { Journal } from '../meetings/journal.ts'
import { joinUrl } from '../meetings/links.ts'
import type { Meeting } from '../meetings/meeting.ts'
import type { MeetingManager } from '../meetings/meeting-manager.ts'
import type { MeetingStore } from '../meetings/meeting-store.ts'
import type { Organizers } from '../meetings/organizers.ts'
import type { Database } from '../store/database.ts'
import type { Admission } from './admission/admission.ts'
import { closedReason } from './admission/admission-draft.ts'
import { AdmissionStore } from './admission/admission-store.ts'
import { AdmissionUnits } from './admission/admission-units.ts'
import { Door } from './admission/door.ts'
import { DoorError } from './admission/door-error.ts'
import { Invitations } from './admission/invitations.ts'
import { type Policy, policyOf } from './admission/policy.ts'
import { takesPart } from './admission/token-grants.ts'
import { Attendance } from './attendance/attendance.ts'
import { AttendanceStore } from './attendance/attendance-store.ts'
import { EventPublisher } from './events/event-publisher.ts'
import { EventStreams } from './events/event-streams.ts'
import { PassingEvents } from './events/passing-events.ts'
import { admissionView, baseView, withPowers } from './events/views.ts'
import { type MediaLink, openMediaLink, readRoomSecret } from './media/media-link.ts'
import { RoomMedia } from './media/room-media.ts'
import { mediaPersonOf, RoomReconciler } from './media/room-reconciler.ts'
import { testRoomMadeAt } from './media/test-room.ts'
import { Moderation } from './moderation.ts'
import { RoomRecords } from './records.ts'
import { Sweeper } from './sweeper.ts'

export interface RoomsOptions {
  config: Config
  clock: Clock
  db: Database
  meetings: MeetingManager
  meetingStore: MeetingStore
  organizers: Organizers
  journal: Journal
  feed: EventFeed
  /** Names this process among those that work on the database. */
  nodeId: string
  chatStore: ChatStore
  chatRecords: ChatRecords
  directory: Directory
}

/** The live side of the server: the door, the media rooms it keeps, and who is told of what. */
export class Rooms {
  readonly link: MediaLink
  readonly feed: EventFeed
  readonly store: AdmissionStore
  readonly door: Door
  readonly media: RoomMedia
  readonly streams = new EventStreams()
  readonly reconciler: RoomReconciler
  readonly publisher: EventPublisher
  readonly moderation: Moderation
  readonly invitations: Invitations
  readonly attendance: Attendance
  readonly sweeper: Sweeper
  readonly records: RoomRecords
  readonly #options: RoomsOptions
  /** Where trouble is told; the HTTP server's log once there is one. */
  log: Log = { warn: (fields, message) => console.error(message, fields) }

  constructor(options: RoomsOptions) {
    this.#options = options
    const { config, clock, db, journal, feed, nodeId, meetings, meetingStore, organizers } = options
    const log: Log = { warn: (fields, message) => this.log.warn(fields, message) }
    this.link = openMediaLink(config)
    this.feed = feed
    this.store = new AdmissionStore(db, nodeId)
    this.media = new RoomMedia(this.link)
    const { opening, capacity } = config.door
    const { store, media, streams } = this
    const units = new AdmissionUnits({ db, journal, nodeId })
    this.door = new Door({ store, units, meetings, meetingStore, clock, opening, capacity })
    this.reconciler = new RoomReconciler({ feed, store, meetingStore, media, clock, log })
    this.publisher = new EventPublisher({
      context: { config, clock, organizers, admissionStore: store },
      feed,
      journal,
      meetingStore,
      streams,
      passing: new PassingEvents({ admissionStore: store, meetingStore, chatStore: options.chatStore }),
      media: (admission, meeting, origin) => media.access(mediaPersonOf(admission, meeting), origin),
      onError: (error) => log.warn({ err: error }, 'a page could not be told of a change'),
    })
    this.attendance = new Attendance({ store: new AttendanceStore(db, journal), admissions: store, clock })
    const { attendance } = this
    this.moderation = new Moderation({ door: this.door, store, media, journal, clock, meetings, attendance })
    this.invitations = new Invitations(readRoomSecret(config))
    this.records = new RoomRecords({ db, store, attendance: this.attendance, chat: options.chatRecords })
    this.sweeper = new Sweeper({
      ...{ db, clock, store, door: this.door, reconciler: this.reconciler, media, attendance: this.attendance },
      ...{ streams, meetings, journal, purgeAfterDays: config.door.purgeAfterDays, log },
    })
    this.reconciler.onObserved = (room, present, startedAt) => this.attendance.observed(room, present, startedAt)
    feed.listen((event) => this.#apply(event))
  }

  /** The three members that answer asking and `/api/door/me`. `secret` only for the first. */
  async answer(admission: Admission, origin: string, secret?: string): Promise<Answer> {
    const { config, clock, organizers, meetingStore } = this.#options
    const context = { config, clock, organizers, admissionStore: this.store }
    const meeting = await meetingStore.findById(admission.meetingId)
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    const place = admission.state === 'waiting' ? (await this.store.countBefore(admission)) + 1 : null
    const lock = await this.store.lockOf(meeting.id)
    return {
      admission: { ...admissionView(admission, place), ...(secret === undefined ? {} : { secret }) },
      meeting: withPowers(await baseView(context, meeting, lock), meeting, admission, lock),
      ...(admission.state === 'admitted' ? { media: await this.media.access(mediaPersonOf(admission, meeting), origin) } : {}),
    }
  }

  /** A media token for somebody who is in. Throws DoorError AdmissionEnded or NotAdmitted. */
  async mediaAccess(admission: Admission, origin: string): Promise<Media> {
    const meeting = await this.door.meetingOfAdmitted(admission)
    return this.media.access(mediaPersonOf(admission, meeting), origin)
  }

  /** The door's word to the chat. */
  readonly chatAccess: ChatAccess = {
    authenticate: async (id, secret) => {
      try {
        const admission = await this.door.authenticate(id, secret)
        const meeting = await this.door.meetingOfAdmitted(admission)
        const { identity, name, userId, meetingId, admittedAt, grants } = admission
        // What a token does not open for the chat, it does not moderate there either.
        const role = takesPart(admission) ? admission.role : 'attendee'
        const opens = { reading: grants?.readChat ?? true, writing: grants?.writeChat ?? true }
        const canChat = policyOf(meeting).allowChat && opens.writing
        return { meetingId, identity, name, role, userId, opens, canChat, admittedAt: admittedAt! }
      } catch (error) {
        if (error instanceof DoorError) return null
        throw error
      }
    },
    firstAdmitted: (meetingId, userId) => this.store.firstAdmitted(meetingId, userId),
    isKeptOut: (meetingId, userId) => this.store.isExcluded(meetingId, [{ kind: 'user', value: userId }]),
  }

  /** The personal links of a meeting's attendees who are not in the directory. */
  async invitationsOf(meeting: Meeting): Promise<{ address: string; link: string }[]> {
    const { config, directory } = this.#options
    const link = joinUrl(config.publicUrl, meeting, 'thread.v2')
    const addresses = new Set(meeting.attendees.flatMap(({ upn }) => (upn ? [upn.toLowerCase()] : [])))
    const found = await Promise.all(
      [...addresses].map(async (address) => ((await directory.users.findByUpn(address)) === undefined ? [address] : [])),
    )
    return found.flat().map((address) => ({ address, link: this.invitations.linkFor(meeting, link, address) }))
  }

  /** The policy of a meeting now. Throws DoorError MeetingDeleted. */
  async policy(meetingId: string): Promise<Policy> {
    const meeting = await this.#options.meetingStore.findById(meetingId)
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    return policyOf(meeting)
  }

  /** What the media server reports. Only a hint to look: what counts is what is found then. */
  async heard(event: WebhookEvent): Promise<void> {
    const { room, participant } = event
    if (room === undefined || participant === undefined || testRoomMadeAt(room.name) !== undefined) return
    if (event.event === 'participant_joined') {
      if (await this.reconciler.arrived(room.name, participant)) await this.attendance.joined(room.name, participant)
    } else if (event.event === 'participant_left') await this.attendance.left(room.name, participant, Number(event.createdAt))
  }

  /** Begin what happens by itself. */
  async start(): Promise<void> {
    await this.sweeper.start()
  }

  /** End what happens by itself; resolves when nothing of it asks the media server any more. */
  async close(): Promise<void> {
    await this.sweeper.stop()
    this.publisher.close()
  }

  /** Apply what a meeting says now to everybody at its door. Whoever went with a meeting that closed has gone already. */
  #apply(event: MeetingEvent): void {
    if (event.kind !== 'meetingUpdated' || closedReason(event.meeting, event.at) !== undefined) return
    this.door
      .refresh(event.meetingId)
      .catch((error: unknown) =>
        this.log.warn({ err: error, meeting: event.meetingId }, 'a change of a meeting did not reach its room'),
      )
  }
}
