import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../common/clock.ts'
import { addMillis } from '../../common/instant.ts'
import type { Opening } from '../../config/config.ts'
import { lobbyScopeOf } from '../../meetings/lobby-scope.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingManager } from '../../meetings/meeting-manager.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import { type Admission, isLive, type Reason } from './admission.ts'
import {
  type Ask,
  alreadyDecided,
  checkOpen,
  closedReason,
  draftOf,
  exclusionsOf,
  hashOf,
  isHeld,
  preconditionOf,
  settled,
} from './admission-draft.ts'
import type { AdmissionStore } from './admission-store.ts'
import { DoorError } from './door-error.ts'
import { affiliationOf, isOrganizing, powersOf } from './policy.ts'
import { allGuests, type Precondition } from './precondition.ts'
import { type AdmissionContext, type Decision, decide, isKnown } from './rules.ts'

export interface DoorOptions {
  store: AdmissionStore
  meetings: MeetingManager
  meetingStore: MeetingStore
  clock: Clock
  opening: Opening
  /** People in one meeting at once. */
  capacity: number
}

/** What happened at the door; told after it is stored. */
export type DoorEvent =
  | { kind: 'asked' | 'changed' | 'ended' | 'admitted'; admission: Admission }
  | { kind: 'closed'; meetingId: string; reason: Reason; ended: Admission[] }
  | { kind: 'meeting'; meetingId: string }

type Actor = Pick<Admission, 'id' | 'name' | 'meetingId'>

const attempts = 20

/** The one way into meetings: every admission is made, changed and ended here. Knows neither HTTP nor media. */
export class Door {
  readonly #store: AdmissionStore
  readonly #meetings: MeetingManager
  readonly #meetingStore: MeetingStore
  readonly #clock: Clock
  readonly #opening: Opening
  readonly #capacity: number
  readonly #listeners = new Set<(event: DoorEvent) => void>()

  constructor(options: DoorOptions) {
    this.#store = options.store
    this.#meetings = options.meetings
    this.#meetingStore = options.meetingStore
    this.#clock = options.clock
    this.#opening = options.opening
    this.#capacity = options.capacity
  }

  /** Be told of everything that happens at the door. Returns the way to stop. A listener must not throw. */
  onEvent(listener: (event: DoorEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Ask to come in: makes an admission that is admitted, waiting or denied. Throws DoorError when the meeting is closed. */
  async ask(ask: Ask): Promise<{ admission: Admission; secret: string }> {
    const secret = randomBytes(32).toString('base64url')
    const id = randomBytes(12).toString('hex')
    let meeting: Meeting | undefined = ask.meeting
    for (let attempt = 0; attempt < attempts && meeting !== undefined; attempt++) {
      checkOpen(meeting, this.#clock.now())
      const draft = draftOf(id, { ...ask, meeting }, this.#clock.now())
      const keys = exclusionsOf(draft)
      const [context, precondition] = await this.#contextOf(meeting)
      const decision = decide({ ...draft.affiliation, isKeptOut: await this.#store.isExcluded(meeting.id, keys) }, context)
      const admission = settled(draft, decision)
      if (await this.#store.insert(admission, hashOf(secret), precondition, keys)) {
        await this.#welcome(meeting, admission)
        return { admission, secret }
      }
      meeting = await this.#meetingStore.findById(meeting.id)
    }
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    throw new Error('the meeting changes faster than anybody can ask')
  }

  /** The admission of `<id>.<secret>`, in whatever state. Throws DoorError AdmissionRequired. */
  async authenticate(id: string, secret: string): Promise<Admission> {
    const found = await this.#store.find(id)
    const [expected, actual] = [Buffer.from(found?.secretHash ?? hashOf('')), Buffer.from(hashOf(secret))]
    if (!timingSafeEqual(expected, actual) || found === undefined) throw new DoorError('AdmissionRequired')
    return found.admission
  }

  /** Leave of one's own accord, or because nothing is heard of somebody. */
  async leave(id: string): Promise<Admission | undefined> {
    const left = await this.#store.move(id, { state: 'left', reason: null, at: this.#clock.now() })
    if (left === undefined) return undefined
    this.#tell({ kind: 'ended', admission: left })
    await this.reconsider(left.meetingId)
    return left
  }

  async rename(id: string, name: string): Promise<Admission> {
    const renamed = await this.#store.rename(id, name)
    if (renamed === undefined) throw new DoorError('AdmissionEnded')
    this.#tell({ kind: 'changed', admission: renamed })
    return renamed
  }

  /** Those who wait, in order. */
  async waiting(meetingId: string): Promise<Admission[]> {
    return this.#store.list(meetingId, ['waiting'])
  }

  /** Let one in. Throws DoorError AlreadyDecided with the outcome, or NotWaiting. */
  async admit(actor: Actor, id: string): Promise<Admission> {
    return this.#settle(actor, id, { state: 'admitted', reason: null })
  }

  /** Turn one away. Throws DoorError AlreadyDecided with the outcome, or NotWaiting. */
  async deny(actor: Actor, id: string): Promise<Admission> {
    return this.#settle(actor, id, { state: 'denied', reason: 'denied' })
  }

  async admitAll(actor: Actor): Promise<Admission[]> {
    return this.#settleAll(actor, { state: 'admitted', reason: null })
  }

  async denyAll(actor: Actor): Promise<Admission[]> {
    return this.#settleAll(actor, { state: 'denied', reason: 'denied' })
  }

  /** Send somebody out; without return the same person, browser, invitation or telephone is kept out from now on. */
  async remove(actor: Actor, target: Admission, mayReturn: boolean): Promise<Admission | undefined> {
    const at = this.#clock.now()
    const keys = mayReturn ? [] : exclusionsOf(target)
    // Cookies are cleared and numbers withheld in a moment: of people nobody can name, the next may be the same one.
    const isNameless = !isKnown(target.affiliation) && !target.phone
    const isHolding = isNameless && !mayReturn
    await this.#store.exclude(target.meetingId, isHolding ? [...keys, allGuests] : keys, at)
    const removed = await this.#end(target.id, 'removed', 'removed', actor.name)
    if (!mayReturn) {
      // Their other tabs and devices go with them.
      const others = await this.#store.list(target.meetingId, ['waiting', 'admitted'])
      for (const other of others) {
        if (!exclusionsOf(other).some(({ kind, value }) => keys.some((key) => key.kind === kind && key.value === value))) continue
        if (other.state === 'admitted') await this.#end(other.id, 'removed', 'removed', actor.name)
        else await this.#end(other.id, 'denied', 'removed', actor.name)
      }
    }
    if (isHolding) this.#tell({ kind: 'meeting', meetingId: target.meetingId })
    await this.reconsider(target.meetingId)
    return removed
  }

  /** Give a role by hand. Throws DoorError NotInRoom when the admission has ended. */
  async setRole(target: Admission, role: Admission['role']): Promise<Admission> {
    const changed = await this.#store.setRole(target.id, role, { given: true })
    if (changed === undefined) throw new DoorError('NotInRoom')
    this.#tell({ kind: 'changed', admission: changed })
    if (isOrganizing(role)) await this.reconsider(target.meetingId)
    return changed
  }

  /** Lock or unlock by hand. Unlocking also lets guests in again who waited because one of them was removed. */
  async setLock(meetingId: string, locked: boolean): Promise<void> {
    await this.#store.setLock(meetingId, locked)
    if (!locked) await this.#store.releaseGuests(meetingId)
    this.#tell({ kind: 'meeting', meetingId })
    await this.reconsider(meetingId)
  }

  /** End it for everybody who waits or is in. Idempotent. */
  async close(meetingId: string, reason: 'cancelled' | 'expired' | 'deleted' | 'ended'): Promise<Admission[]> {
    const change = { state: 'expired' as const, reason, at: this.#clock.now() }
    const ended = await this.#store.moveAll(meetingId, ['waiting', 'admitted'], change)
    if (ended.length > 0) this.#tell({ kind: 'closed', meetingId, reason, ended })
    return ended
  }

  /** A meeting was changed: a new access level says anew whether the room is locked. */
  async changed(meeting: Meeting, before: Pick<Meeting, 'accessLevel'> | undefined): Promise<void> {
    if (before !== undefined && before.accessLevel !== meeting.accessLevel) {
      if ((await this.#store.lockOf(meeting.id)) !== null) await this.#store.setLock(meeting.id, null)
      await this.#store.releaseGuests(meeting.id)
    }
    await this.refresh(meeting.id)
  }

  /**
   * Apply what a meeting says now to everybody at its door: close it, give new roles, and let in whoever need not wait
   * any more. Nobody who is in is sent back to wait.
   */
  async refresh(meetingId: string): Promise<void> {
    const meeting = await this.#meetingStore.findById(meetingId)
    if (meeting === undefined) {
      await this.close(meetingId, 'deleted')
      return
    }
    const closed = closedReason(meeting, this.#clock.now())
    if (closed !== undefined) {
      await this.close(meetingId, closed)
      return
    }
    for (const admission of await this.#store.list(meetingId, ['waiting', 'admitted'])) await this.#regrade(meeting, admission)
    this.#tell({ kind: 'meeting', meetingId })
    await this.reconsider(meetingId)
  }

  /** Let in those who need not wait any more, and say anew why the others must. */
  async reconsider(meetingId: string): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const meeting = await this.#meetingStore.findById(meetingId)
      const waiting = await this.#store.list(meetingId, ['waiting'])
      if (meeting === undefined || waiting.length === 0 || closedReason(meeting, this.#clock.now()) !== undefined) return
      const [context, precondition] = await this.#contextOf(meeting)
      if (!(await this.#reconsiderAll(waiting, context, precondition))) return
    }
  }

  /** Whether what was decided on changed on the way, so that it must be decided again. */
  async #reconsiderAll(waiting: Admission[], context: AdmissionContext, precondition: Precondition): Promise<boolean> {
    let places = Math.max(0, this.#capacity - (await this.#store.count(precondition.meetingId, 'admitted')))
    let again = false
    const writes = waiting.map(async (admission) => {
      const decision = decide({ ...admission.affiliation, isKeptOut: false }, { ...context, isFull: places === 0 })
      if (decision.state === 'admitted') {
        places = Math.max(0, places - 1)
        const moved = await this.#store.move(admission.id, { ...decision, at: this.#clock.now(), by: null }, precondition)
        if (moved !== undefined) this.#tell({ kind: 'admitted', admission: moved })
        // An organizer who is in now may open the door to others; a failed write may mean a changed meeting.
        again ||= moved === undefined || isOrganizing(moved.role)
      } else if (decision.reason !== null && decision.reason !== admission.reason) {
        if (await this.#store.setReason(admission.id, decision.reason))
          this.#tell({ kind: 'changed', admission: { ...admission, reason: decision.reason } })
      }
    })
    await Promise.all(writes)
    return again
  }

  /** The meeting of an admission that may take part now. Throws DoorError AdmissionEnded or NotAdmitted. */
  async meetingOfAdmitted(admission: Admission): Promise<Meeting> {
    if (!isLive(admission))
      throw new DoorError('AdmissionEnded', { detail: { state: admission.state, reason: admission.reason } })
    if (admission.state !== 'admitted') throw new DoorError('NotAdmitted', { detail: { state: admission.state } })
    const meeting = await this.#meetingStore.findById(admission.meetingId)
    const closed = meeting === undefined ? 'deleted' : closedReason(meeting, this.#clock.now())
    if (closed === undefined) return meeting!
    await this.close(admission.meetingId, closed)
    throw new DoorError('AdmissionEnded', { detail: { state: 'expired', reason: closed } })
  }

  /** What an admitted person may do now. Throws DoorError AdmissionEnded or NotAdmitted. */
  async powers(admission: Admission) {
    const meeting = await this.meetingOfAdmitted(admission)
    return { meeting, powers: powersOf(meeting, admission, (await this.#store.lockOf(meeting.id)) === true) }
  }

  async #welcome(meeting: Meeting, admission: Admission): Promise<void> {
    this.#tell({ kind: 'asked', admission })
    if (admission.state !== 'admitted') return
    this.#tell({ kind: 'admitted', admission })
    await this.#meetings.touch(meeting)
    if (isOrganizing(admission.role)) await this.reconsider(meeting.id)
  }

  async #settle(actor: Actor, id: string, decision: Decision): Promise<Admission> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = (await this.#store.find(id))?.admission
      if (found === undefined || found.meetingId !== actor.meetingId) throw new DoorError('NotWaiting')
      if (found.state !== 'waiting') throw alreadyDecided(found)
      const moved = await this.#store.move(
        id,
        { ...decision, at: this.#clock.now(), by: actor.name },
        await this.#openGround(actor),
      )
      if (moved === undefined) continue
      this.#tell({ kind: moved.state === 'admitted' ? 'admitted' : 'ended', admission: moved })
      if (isOrganizing(moved.role)) await this.reconsider(actor.meetingId)
      return moved
    }
    throw new Error('the meeting changes faster than anybody can be let in')
  }

  async #settleAll(actor: Actor, decision: Decision): Promise<Admission[]> {
    const change = { ...decision, at: this.#clock.now(), by: actor.name }
    for (let attempt = 0; attempt < attempts; attempt++) {
      const precondition = await this.#openGround(actor)
      const moved = await this.#store.moveAll(actor.meetingId, ['waiting'], change, precondition)
      // Nobody moved, and yet somebody waits: the meeting changed between the two.
      if (moved.length === 0 && (await this.#store.count(actor.meetingId, 'waiting')) > 0) continue
      for (const admission of moved) this.#tell({ kind: admission.state === 'admitted' ? 'admitted' : 'ended', admission })
      return moved
    }
    throw new Error('the meeting changes faster than anybody can be let in')
  }

  async #openGround({ meetingId }: Actor): Promise<Precondition> {
    const meeting = await this.#meetingStore.findById(meetingId)
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    checkOpen(meeting, this.#clock.now())
    return preconditionOf(meeting, await this.#roomOf(meetingId))
  }

  async #end(id: string, state: 'removed' | 'denied', reason: Reason, by: string): Promise<Admission | undefined> {
    const ended = await this.#store.move(id, { state, reason, at: this.#clock.now(), by })
    if (ended !== undefined) this.#tell({ kind: 'ended', admission: ended })
    return ended
  }

  /** What the meeting's settings make of somebody now; a role given by hand stays. */
  async #regrade(meeting: Meeting, admission: Admission): Promise<void> {
    const user =
      admission.userId === null ? null : { id: admission.userId, tenantId: admission.tenantId!, upn: admission.upn ?? '' }
    const application = user === null && admission.tenantId !== null ? { tenantId: admission.tenantId } : null
    const phone = admission.phone === null ? null : { isLeader: admission.affiliation.isOrganizer }
    const { affiliation, role } = affiliationOf(meeting, {
      user,
      application,
      phone,
      invitedAs: admission.invitedAs,
      grants: admission.grants,
    })
    const wanted = admission.roleGiven ? admission.role : role
    if (wanted === admission.role && JSON.stringify(affiliation) === JSON.stringify(admission.affiliation)) return
    const changed = await this.#store.setRole(admission.id, wanted, { given: admission.roleGiven, affiliation })
    if (changed !== undefined) this.#tell({ kind: 'changed', admission: changed })
  }

  async #roomOf(meetingId: string): Promise<Pick<Precondition, 'lock' | 'heldAt'>> {
    return { lock: await this.#store.lockOf(meetingId), heldAt: await this.#store.heldAt(meetingId) }
  }

  async #contextOf(meeting: Meeting): Promise<[AdmissionContext, Precondition]> {
    const precondition = preconditionOf(meeting, await this.#roomOf(meeting.id))
    const context: AdmissionContext = {
      scope: lobbyScopeOf(meeting),
      isLocked: precondition.lock === true,
      guestsHeld: isHeld(precondition.heldAt, this.#clock.now()),
      dialInBypass: optionsOf(meeting).isDialInBypassEnabled,
      opening: await this.#openingOf(meeting),
      isFull: (await this.#store.count(meeting.id, 'admitted')) >= this.#capacity,
    }
    return [context, precondition]
  }

  async #openingOf(meeting: Meeting): Promise<AdmissionContext['opening']> {
    if (this.#opening === 'any') return 'open'
    if (this.#opening !== 'organizer') {
      const opensAt = meeting.startAt === null ? null : addMillis(meeting.startAt, -this.#opening * 60_000)
      if (opensAt === null || opensAt <= this.#clock.now()) return 'open'
    }
    if (await this.#store.hasOrganizer(meeting.id)) return 'open'
    return this.#opening === 'organizer' ? 'organizerMissing' : 'notStarted'
  }

  #tell(event: DoorEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
