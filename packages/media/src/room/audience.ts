import { type SubscriptionPermission, SubscriptionPermissionUpdate } from '@livekit/protocol'
import type { PublishedTrack } from './published-track.ts'
import type { Rates } from './rates.ts'
import { SubscriptionRules } from './subscription-rules.ts'

/** Who could subscribe. */
interface Listener<P> {
  readonly identity: string
  readonly sid: string
  wantsAutomatically(track: PublishedTrack): boolean
  subscribe(publisher: P, track: PublishedTrack): void
  unsubscribe(trackSid: string, byClient: boolean): void
  send(message: { case: 'subscriptionPermissionUpdate'; value: SubscriptionPermissionUpdate }): void
}

/** Whose tracks they are. */
interface Publisher<P> {
  readonly sid: string
  readonly tracks: ReadonlyMap<string, PublishedTrack>
  readonly rates: Rates
  readonly room: {
    readonly host: { readonly subscriptionPermissions: boolean }
    readonly participants: ReadonlyMap<string, Listener<P>>
  }
}

/** Who may subscribe to a participant's tracks: everybody, until it says otherwise and where it may. */
export class Audience<P extends Publisher<P>> {
  readonly #publisher: P
  #rules: SubscriptionRules | undefined
  #isDue = false

  constructor(publisher: P) {
    this.#publisher = publisher
  }

  allows(subscriber: { readonly identity: string; readonly sid: string }, trackSid: string): boolean {
    return this.#rules?.allows(subscriber, trackSid) ?? true
  }

  /** The client says who may; what somebody may not any more ends within a second. */
  set(permission: SubscriptionPermission): void {
    if (!this.#publisher.room.host.subscriptionPermissions) return
    this.#rules = new SubscriptionRules(permission)
    this.#isDue = true
    this.catchUp(performance.now())
  }

  /** Puts the rules into effect on subscriptions there are, as often as the rate allows. */
  catchUp(now: number): void {
    const publisher = this.#publisher
    if (!this.#isDue || !publisher.rates.take('permission', now)) return
    this.#isDue = false
    for (const other of publisher.room.participants.values()) {
      if (other.sid === publisher.sid) continue
      for (const track of publisher.tracks.values()) {
        const { sid } = track.info
        const allowed = this.allows(other, sid)
        if (!allowed) other.unsubscribe(sid, false)
        else if (other.wantsAutomatically(track)) other.subscribe(publisher, track)
        const value = new SubscriptionPermissionUpdate({ participantSid: publisher.sid, trackSid: sid, allowed })
        other.send({ case: 'subscriptionPermissionUpdate', value })
      }
    }
  }
}
