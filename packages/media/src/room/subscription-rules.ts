import type { SubscriptionPermission } from '@livekit/protocol'

/** Which tracks of a publisher somebody may have: all, or those ids. */
type Allowed = 'all' | Set<string>

/** Who may subscribe to a participant's tracks, as it said itself. */
export class SubscriptionRules {
  readonly #isOpen: boolean
  readonly #byIdentity = new Map<string, Allowed>()
  readonly #bySid = new Map<string, Allowed>()

  constructor(permission: SubscriptionPermission) {
    this.#isOpen = permission.allParticipants
    for (const { participantIdentity, participantSid, allTracks, trackSids } of permission.trackPermissions) {
      const allowed: Allowed = allTracks ? 'all' : new Set(trackSids)
      if (participantIdentity !== '') add(this.#byIdentity, participantIdentity, allowed)
      if (participantSid !== '') add(this.#bySid, participantSid, allowed)
    }
  }

  /** Whether that subscriber may have the track. */
  allows(subscriber: { identity: string; sid: string }, trackSid: string): boolean {
    if (this.#isOpen) return true
    const found = [this.#byIdentity.get(subscriber.identity), this.#bySid.get(subscriber.sid)]
    return found.some((allowed) => allowed === 'all' || allowed?.has(trackSid) === true)
  }
}

function add(map: Map<string, Allowed>, key: string, allowed: Allowed): void {
  const known = map.get(key)
  if (known === undefined || allowed === 'all') map.set(key, allowed)
  else if (known !== 'all') for (const sid of allowed) known.add(sid)
}
