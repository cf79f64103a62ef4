import { TrackSource } from 'livekit-server-sdk'
import type { Clock } from '../common/clock.ts'
import type { Notice } from '../meetings/events.ts'
import type { Journal } from '../meetings/journal.ts'
import type { MeetingManager } from '../meetings/meeting-manager.ts'
import type { Admission, Role } from './admission/admission.ts'
import type { AdmissionStore } from './admission/admission-store.ts'
import type { Door } from './admission/door.ts'
import { DoorError } from './admission/door-error.ts'
import { isModerator, isOrganizing, type Policy, policyOptions } from './admission/policy.ts'
import type { Attendance } from './attendance/attendance.ts'
import type { RoomMedia } from './media/room-media.ts'

const microphone = [TrackSource.MICROPHONE] as const
const camera = [TrackSource.CAMERA] as const
const share = [TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO] as const

/** What people with a part in running a meeting do to others, in the database and the media room both. */
export class Moderation {
  readonly #door: Door
  readonly #store: AdmissionStore
  readonly #media: RoomMedia
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #meetings: MeetingManager
  readonly #attendance: Pick<Attendance, 'end'>

  constructor(parts: {
    door: Door
    store: AdmissionStore
    media: RoomMedia
    journal: Journal
    clock: Clock
    meetings: MeetingManager
    attendance: Pick<Attendance, 'end'>
  }) {
    this.#door = parts.door
    this.#store = parts.store
    this.#media = parts.media
    this.#journal = parts.journal
    this.#clock = parts.clock
    this.#meetings = parts.meetings
    this.#attendance = parts.attendance
  }

  /** Mute somebody's microphone. They may unmute again unless the policy forbids it. */
  async mute(actor: Admission, identity: string): Promise<void> {
    await this.#silence(actor, identity, microphone, 'muted')
  }

  async stopCamera(actor: Admission, identity: string): Promise<void> {
    await this.#silence(actor, identity, camera, 'cameraStopped')
  }

  /** Take the screen off. The track is ended, not paused: a share is not something to come back by itself. */
  async stopShare(actor: Admission, identity: string): Promise<void> {
    const target = await this.#target(actor, identity)
    await this.#media.stop(actor.meetingId, identity, share)
    await this.#notify(target, { kind: 'shareStopped', byId: actor.id })
  }

  async lowerHand(actor: Admission, identity: string): Promise<void> {
    const target = actor.identity === identity ? actor : await this.#target(actor, identity)
    await this.#media.setAttributes(actor.meetingId, identity, { hand: '' })
    if (target.id !== actor.id) await this.#notify(target, { kind: 'handLowered', byId: actor.id })
  }

  /** Mute everybody who does not run the meeting; `allowUnmute` also sets whether they may speak again. */
  async muteAll(actor: Admission, allowUnmute: boolean | undefined): Promise<number> {
    if (allowUnmute !== undefined) await this.setPolicy(actor, { allowMicrophone: allowUnmute })
    const present = await this.#media.list(actor.meetingId)
    const admitted = await this.#store.list(actor.meetingId, ['admitted'])
    const targets = new Map(admitted.filter(({ role }) => !isModerator(role)).map((admission) => [admission.identity, admission]))
    let muted = 0
    await Promise.all(
      present.map(async ({ identity }) => {
        const target = targets.get(identity)
        if (target === undefined || (await this.#media.mute(actor.meetingId, identity, microphone)) === 0) return
        muted += 1
        await this.#notify(target, { kind: 'muted', byId: actor.id })
      }),
    )
    return muted
  }

  /** Send somebody out; without return they are kept out by everything that is surely theirs. */
  async remove(actor: Admission, identity: string, mayReturn: boolean): Promise<void> {
    const target = await this.#target(actor, identity)
    await this.#door.remove(actor, target, mayReturn)
  }

  /** Make somebody presenter or attendee; an organizer also makes coorganizers. */
  async setRole(actor: Admission, identity: string, role: Role): Promise<Admission> {
    if (role === 'organizer' || (role === 'coorganizer' && !isOrganizing(actor.role))) throw new DoorError('NotAllowed')
    const target = await this.#target(actor, identity)
    // A role goes with the person: the organizer would take their own from themselves.
    if (target.userId !== null && target.affiliation.isOrganizer) throw new DoorError('NotAllowed')
    const changed = await this.#door.setRole(target, role)
    await this.#notify(target, { kind: 'role', role, byId: actor.id })
    return changed
  }

  /** What people who do not run the meeting may do. Kept with the meeting, so Graph shows it and it outlives the call. */
  async setPolicy(actor: Admission, change: Partial<Policy>): Promise<void> {
    const options = policyOptions(change)
    if (Object.keys(options).length === 0) return
    await this.#meetings.update(actor.meetingId, (meeting) => ({ options: { ...meeting.options, ...options } }))
    // The change announces itself too, but only this can be waited for.
    await this.#door.refresh(actor.meetingId)
  }

  async setLock(actor: Admission, locked: boolean): Promise<void> {
    await this.#door.setLock(actor.meetingId, locked)
  }

  /** End the call for everybody. The meeting stays: its link can be used again. */
  async end(actor: Admission): Promise<void> {
    await this.#door.close(actor.meetingId, 'ended')
    await this.#attendance.end(actor.meetingId)
  }

  /** Write to one who waits, or to all of them. How many that are. */
  async message(actor: Admission, text: string, toId: string | null): Promise<number> {
    const { meetingId, id } = actor
    const waiting = await this.#store.list(meetingId, ['waiting'])
    const reached = waiting.filter((one) => toId === null || one.id === toId).length
    const event = { kind: 'lobbyMessage' as const, toId, text, byId: id }
    if (reached > 0) await this.#journal.write({ meetingId, at: this.#clock.now(), writes: [], events: [event] })
    return reached
  }

  async #notify({ id, meetingId }: Admission, notice: Notice): Promise<void> {
    const event = { kind: 'notice' as const, admissionId: id, notice }
    await this.#journal.write({ meetingId, at: this.#clock.now(), writes: [], events: [event] })
  }

  async #silence(
    actor: Admission,
    identity: string,
    sources: readonly TrackSource[],
    kind: 'muted' | 'cameraStopped',
  ): Promise<void> {
    const target = actor.identity === identity ? actor : await this.#target(actor, identity)
    await this.#media.mute(actor.meetingId, identity, sources)
    if (target.id !== actor.id) await this.#notify(target, { kind, byId: actor.id })
  }

  /** Somebody else who is in; nobody but organizers lays a hand on an organizer. Throws DoorError NotInRoom or NotAllowed. */
  async #target(actor: Admission, identity: string): Promise<Admission> {
    const target = await this.#store.findByIdentity(identity)
    if (target === undefined || target.meetingId !== actor.meetingId || target.state !== 'admitted')
      throw new DoorError('NotInRoom')
    if (target.role === 'organizer' && target.id !== actor.id && actor.role !== 'organizer') throw new DoorError('NotAllowed')
    if (target.role === 'coorganizer' && !isOrganizing(actor.role)) throw new DoorError('NotAllowed')
    return target
  }
}
