import type { Clock } from '../../common/clock.ts'
import type { Admission } from './admission.ts'
import type { AdmissionStore } from './admission-store.ts'
import type { AdmissionUnits } from './admission-units.ts'
import { DoorError } from './door-error.ts'
import { greediest, placeToGive } from './giving-way.ts'
import { isKnown } from './rules.ts'

/** Strangers who may wait for one meeting at once; who is known waits beside them. */
const mostWaiting = 300
/** Waits of one application in one meeting; a browser has one. */
const mostOfApplication = 10

/** Who gives way where more come than there is room for, so that nobody fills a meeting or its lobby alone. */
export class Crowd {
  readonly #store: AdmissionStore
  readonly #units: AdmissionUnits
  readonly #clock: Clock

  constructor(options: { store: AdmissionStore; units: AdmissionUnits; clock: Clock }) {
    this.#store = options.store
    this.#units = options.units
    this.#clock = options.clock
  }

  /** Let somebody give way who holds a place without being there (giving-way.ts). Whether there is one now. */
  async makeRoom(meetingId: string, newcomer: string | null, which: 'any' | 'lapsed' = 'any'): Promise<boolean> {
    const now = this.#clock.now()
    const held = await this.#store.reserved(meetingId)
    const gives = placeToGive(which === 'any' ? held : held.map((each) => ({ ...each, sender: null })), newcomer, now)
    if (gives === undefined) return false
    await this.#units.move({ id: gives.id, meetingId }, { state: 'expired', reason: 'full', at: now })
    return true
  }

  /** A place in a lobby that is full of strangers. Throws DoorError LobbyFull when nobody has to give way. */
  async makeLobby(meetingId: string, newcomer: string | null): Promise<void> {
    if ((await this.#store.count(meetingId, 'waiting')) < mostWaiting) return
    const waiting = (await this.#store.list(meetingId, ['waiting'])).filter(({ affiliation }) => !isKnown(affiliation))
    if (waiting.length < mostWaiting) return
    const held = waiting.map(({ id, sender, askedAt }) => ({ id, sender, since: askedAt, cameIn: false }))
    const gives = greediest(held, newcomer)
    if (gives === undefined) throw new DoorError('LobbyFull', { retryAfter: 30 })
    await this.#units.move({ id: gives.id, meetingId }, { state: 'denied', reason: 'full', at: this.#clock.now() })
  }

  /** Who asks again from the same browser waits once: what it left behind goes. */
  async replace({ id, meetingId, device, userId, tenantId }: Admission): Promise<void> {
    if (device === null) return
    const kept = userId === null && tenantId !== null ? mostOfApplication - 1 : 0
    const older = await this.#store.waitingOf(meetingId, device, id)
    const gone = older.slice(0, Math.max(0, older.length - kept))
    await this.#units.moveAll(meetingId, gone, { state: 'left', reason: null, at: this.#clock.now() })
  }
}
