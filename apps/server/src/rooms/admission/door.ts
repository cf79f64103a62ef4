import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../common/clock.ts'
import { addMillis } from '../../common/instant.ts'
import type { Opening } from '../../config/config.ts'
import type { ClosingReason } from '../../meetings/events.ts'
import { lobbyScopeOf } from '../../meetings/lobby-scope.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import type { MeetingManager } from '../../meetings/meeting-manager.ts'
import { optionsOf } from '../../meetings/meeting-options.ts'
import type { MeetingStore } from '../../meetings/meeting-store.ts'
import { type Admission, isLive, type Role } from './admission.ts'
import {
  type Ask,
  alreadyDecided,
  checkOpen,
  closedReason,
  draftOf,
  hashOf,
  isHeld,
  preconditionOf,
  settled,
} from './admission-draft.ts'
import type { AdmissionStore } from './admission-store.ts'
import type { AdmissionUnits } from './admission-units.ts'
import { Crowd } from './crowd.ts'
import { DoorError } from './door-error.ts'
import { allGuests, exclusionsOf } from './exclusion.ts'
import { affiliationOf, isOrganizing, powersOf } from './policy.ts'
import type { Precondition } from './precondition.ts'
import { keysOfRole, recognizedBy, standingOf } from './recognition.ts'
import { type AdmissionContext, type Decision, decide, isKnown } from './rules.ts'

export interface DoorOptions {
  store: AdmissionStore
  units: AdmissionUnits
  meetings: MeetingManager
  meetingStore: MeetingStore
  clock: Clock
  opening: Opening
  /** People in one meeting at once. */
  capacity: number
}

type Actor = Pick<Admission, 'id' | 'name' | 'meetingId'>

/** What a decision is made on, and what of it must still be so when it is written. */
interface Scene {
  context: AdmissionContext
  precondition: Precondition
  /** It is open only because somebody who runs it is in. */
  byOrganizer: boolean
  /** Who asks is in already, and takes no other place. */
  holdsPlace: boolean
}

const attempts = 20

/** The one way into meetings: every admission is made, changed and ended here. Knows neither HTTP nor media. */
export class Door {
  readonly #store: AdmissionStore
  readonly #units: AdmissionUnits
  readonly #meetings: MeetingManager
  readonly #meetingStore: MeetingStore
  readonly #clock: Clock
  readonly #opening: Opening
  readonly #capacity: number
  readonly #crowd: Crowd

  constructor(options: DoorOptions) {
    this.#store = options.store
    this.#units = options.units
    this.#meetings = options.meetings
    this.#meetingStore = options.meetingStore
    this.#clock = options.clock
    this.#opening = options.opening
    this.#capacity = options.capacity
    this.#crowd = new Crowd(options)
  }

  /** Ask to come in: makes an admission that is admitted, waiting or denied. Throws DoorError when the meeting is closed. */
  async ask(ask: Ask): Promise<{ admission: Admission; secret: string }> {
    const secret = randomBytes(32).toString('base64url')
    const id = randomBytes(12).toString('hex')
    let meeting: Meeting | undefined = ask.meeting
    for (let attempt = 0; attempt < attempts && meeting !== undefined; attempt++) {
      checkOpen(meeting, this.#clock.now())
      const now = this.#clock.now()
      const fresh = draftOf(id, { ...ask, meeting }, now)
      const keys = exclusionsOf(fresh)
      const [key] = recognizedBy(fresh)
      const role = await this.#store.givenRole(meeting.id, key, now)
      const draft = role === undefined ? fresh : { ...fresh, role, roleGiven: true }
      const scene = await this.#sceneOf(meeting, key)
      const who = { ...standingOf(draft), isKeptOut: await this.#store.isExcluded(meeting.id, keys) }
      const decision = decide(who, scene.context)
      if (decision.reason === 'full' && (await this.#crowd.makeRoom(meeting.id, draft.sender))) continue
      if (decision.state === 'waiting' && !isKnown(draft.affiliation)) await this.#crowd.makeLobby(meeting.id, draft.sender)
      const admission = settled(draft, decision)
      const grounds = { ...this.#groundsOf(decision, admission.role, scene), given: { key, role, now } }
      if (await this.#units.insert(admission, hashOf(secret), grounds, keys)) {
        if (admission.state === 'waiting') await this.#crowd.replace(admission)
        await this.#welcome(meeting, admission)
        return { admission, secret }
      }
      meeting = await this.#meetingStore.findById(meeting.id)
    }
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    throw busy()
  }

  /** The admission of `<id>.<secret>`, in whatever state. Throws DoorError AdmissionRequired. */
  async authenticate(id: string, secret: string): Promise<Admission> {
    const found = await this.#store.find(id)
    const [expected, actual] = [Buffer.from(found?.secretHash ?? hashOf('')), Buffer.from(hashOf(secret))]
    if (!timingSafeEqual(expected, actual) || found === undefined) throw new DoorError('AdmissionRequired')
    return found.admission
  }

  /** Leave of one's own accord, or because nothing is heard of somebody. */
  async leave(who: Pick<Admission, 'id' | 'meetingId'>): Promise<Admission | undefined> {
    const left = await this.#units.move(who, { state: 'left', reason: null, at: this.#clock.now() })
    if (left === undefined) return undefined
    await this.reconsider(left.meetingId)
    return left
  }

  async rename(who: Pick<Admission, 'id' | 'meetingId'>, name: string): Promise<Admission> {
    const renamed = await this.#units.rename(who, name, this.#clock.now())
    if (renamed === undefined) throw new DoorError('AdmissionEnded')
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
    const keys = mayReturn ? [] : exclusionsOf(target)
    // Cookies are cleared, accounts signed out and numbers withheld in a moment: the next nobody can name may be this one.
    const exclusions = mayReturn ? [] : [...keys, allGuests]
    for (let attempt = 0; attempt < attempts; attempt++) {
      const present = (await this.#store.find(target.id))?.admission
      // Their other tabs and devices go with them.
      const gone = new Set((await this.#store.named(target.meetingId, keys)).map(({ id }) => id))
      if (present?.state === 'admitted') gone.add(target.id)
      const by = { name: actor.name, at: this.#clock.now() }
      if (gone.size === 0 && exclusions.length === 0) return undefined
      const removed = await this.#units.remove(target.meetingId, [...gone], exclusions, by)
      if (removed === undefined) continue
      await this.reconsider(target.meetingId)
      return removed.find(({ id }) => id === target.id)
    }
    throw busy()
  }

  /** Give a person a role by hand, whichever way they are in or come back. Throws DoorError NotInRoom when the admission has ended. */
  async setRole(target: Admission, role: Role): Promise<Admission> {
    const keys = keysOfRole(target, role)
    const others = (await this.#store.recognized(target.meetingId, keys)).flatMap(({ id }) => (id === target.id ? [] : [id]))
    const changed = await this.#units.giveRole(target, role, keys, others, this.#clock.now())
    if (changed === undefined) throw new DoorError('NotInRoom')
    if (isOrganizing(role)) await this.reconsider(target.meetingId)
    return changed.find(({ id }) => id === target.id)!
  }

  /** Lock or unlock by hand. Unlocking also lets guests in again who waited because one of them was removed. */
  async setLock(meetingId: string, locked: boolean): Promise<void> {
    await this.#units.setLock(meetingId, locked, this.#clock.now())
    await this.reconsider(meetingId)
  }

  /** End it for everybody who waits or is in. Idempotent. */
  async close(meetingId: string, reason: ClosingReason): Promise<void> {
    await this.#units.close(meetingId, reason, this.#clock.now())
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
    await this.reconsider(meetingId)
  }

  /** Let in those who need not wait any more, and say anew why the others must. */
  async reconsider(meetingId: string): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const meeting = await this.#meetingStore.findById(meetingId)
      const waiting = await this.#store.list(meetingId, ['waiting'])
      if (meeting === undefined || waiting.length === 0 || closedReason(meeting, this.#clock.now()) !== undefined) return
      if (!(await this.#reconsiderAll(waiting, await this.#sceneOf(meeting)))) return
    }
  }

  /** Whether what was decided on changed on the way, so that it must be decided again. */
  async #reconsiderAll(waiting: Admission[], scene: Scene): Promise<boolean> {
    const { meetingId } = scene.precondition
    let places = Math.max(0, this.#capacity - (await this.#store.countPlaces(meetingId)))
    const isWanted = () => waiting.some((one) => this.#decide(one, { ...scene.context, isFull: false }).state === 'admitted')
    if (places === 0 && isWanted() && (await this.#crowd.makeRoom(meetingId, null, 'lapsed'))) return true
    let again = false
    const writes = waiting.map(async (admission) => {
      const decision = this.#decide(admission, { ...scene.context, isFull: places === 0 })
      const at = this.#clock.now()
      if (decision.state === 'admitted') {
        places = Math.max(0, places - 1)
        const grounds = this.#groundsOf(decision, admission.role, scene)
        const moved = await this.#units.move(admission, { ...decision, at, by: null }, grounds)
        // An organizer who is in now may open the door to others; a failed write may mean a changed meeting.
        again ||= moved === undefined || isOrganizing(moved.role)
      } else if (decision.reason !== null && decision.reason !== admission.reason)
        await this.#units.setReason(admission, decision.reason, at)
    })
    await Promise.all(writes)
    return again
  }

  #decide(waiting: Admission, context: AdmissionContext): Decision {
    return decide({ ...standingOf(waiting), isKeptOut: false }, context)
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
    if (admission.state !== 'admitted') return
    await this.#meetings.touch(meeting)
    if (isOrganizing(admission.role)) await this.reconsider(meeting.id)
  }

  async #settle(actor: Actor, id: string, decision: Decision): Promise<Admission> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = (await this.#store.find(id))?.admission
      if (found === undefined || found.meetingId !== actor.meetingId) throw new DoorError('NotWaiting')
      if (found.state !== 'waiting') throw alreadyDecided(found)
      const change = { ...decision, at: this.#clock.now(), by: actor.name }
      const moved = await this.#units.move(found, change, await this.#openGround(actor))
      if (moved === undefined) continue
      if (isOrganizing(moved.role)) await this.reconsider(actor.meetingId)
      return moved
    }
    throw busy()
  }

  async #settleAll(actor: Actor, decision: Decision): Promise<Admission[]> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const ground = await this.#openGround(actor)
      const waiting = await this.waiting(actor.meetingId)
      if (waiting.length === 0) return []
      const change = { ...decision, at: this.#clock.now(), by: actor.name }
      const ids = waiting.map(({ id }) => id)
      const moved = await this.#units.moveAll(actor.meetingId, ids, change, ground)
      // Nobody moved: they have left, or the meeting changed between the two.
      if (moved.length > 0) return moved
    }
    throw busy()
  }

  async #openGround({ meetingId }: Actor): Promise<Precondition> {
    const meeting = await this.#meetingStore.findById(meetingId)
    if (meeting === undefined) throw new DoorError('MeetingDeleted')
    checkOpen(meeting, this.#clock.now())
    return preconditionOf(meeting, await this.#roomOf(meetingId))
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
    const options = { at: this.#clock.now(), given: admission.roleGiven, affiliation, revision: meeting.revision }
    await this.#units.setRole(admission, wanted, options)
  }

  async #roomOf(meetingId: string): Promise<Pick<Precondition, 'lock' | 'heldAt'>> {
    return { lock: await this.#store.lockOf(meetingId), heldAt: await this.#store.heldAt(meetingId) }
  }

  /** `key`: what recognises who asks, for whom a place they hold already is not full. */
  async #sceneOf(meeting: Meeting, key?: string): Promise<Scene> {
    const precondition = preconditionOf(meeting, await this.#roomOf(meeting.id))
    const { opening, byOrganizer } = await this.#openingOf(meeting)
    const own = key === undefined ? [] : await this.#store.recognized(meeting.id, [key])
    const holdsPlace = own.some(({ state, userId, tenantId }) => state === 'admitted' && (userId !== null || tenantId === null))
    const context: AdmissionContext = {
      scope: lobbyScopeOf(meeting),
      isLocked: precondition.lock === true,
      guestsHeld: isHeld(precondition.heldAt, this.#clock.now()),
      dialInBypass: optionsOf(meeting).isDialInBypassEnabled,
      opening,
      isFull: !holdsPlace && (await this.#store.countPlaces(meeting.id)) >= this.#capacity,
    }
    return { context, precondition, byOrganizer, holdsPlace }
  }

  async #openingOf(meeting: Meeting): Promise<{ opening: AdmissionContext['opening']; byOrganizer: boolean }> {
    if (this.#opening === 'any') return { opening: 'open', byOrganizer: false }
    if (this.#opening !== 'organizer') {
      const opensAt = meeting.startAt === null ? null : addMillis(meeting.startAt, -this.#opening * 60_000)
      if (opensAt === null || opensAt <= this.#clock.now()) return { opening: 'open', byOrganizer: false }
    }
    if (await this.#store.hasOrganizer(meeting.id)) return { opening: 'open', byOrganizer: true }
    return { opening: this.#opening === 'organizer' ? 'organizerMissing' : 'notStarted', byOrganizer: false }
  }

  /** What must still be so when a decision is written: the meeting and its room, and who else is in where that decided. */
  #groundsOf({ state, reason }: Decision, role: Role, { precondition, byOrganizer, holdsPlace }: Scene): Precondition {
    const capacity = this.#capacity
    if (state === 'admitted') {
      if (isOrganizing(role)) return precondition
      return {
        ...precondition,
        ...(holdsPlace ? {} : { full: { capacity, is: false } }),
        ...(byOrganizer ? { organizerIn: true } : {}),
      }
    }
    if (reason === 'full') return { ...precondition, full: { capacity, is: true } }
    if (reason === 'notStarted' || reason === 'organizerMissing') return { ...precondition, organizerIn: false }
    return precondition
  }
}

/** Others changed what was decided on, again and again. */
function busy(): DoorError {
  return new DoorError('MeetingBusy', { retryAfter: 1 })
}
