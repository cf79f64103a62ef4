/**
 * What the media tokens allow that are about. Where that is not what their holder may do now, the media server is told,
 * in the room or not, so that no older token brings rights back.
 */
export class SignedRights {
  readonly #byIdentity = new Map<string, { rights: string; expires: number }>()

  /** A token was signed; `expires` in milliseconds. */
  signed(identity: string, rights: string, now: number, expires: number): void {
    this.#forget(now)
    const known = this.#byIdentity.get(identity)
    this.#byIdentity.delete(identity)
    // Of tokens that say different things, none says it right for all.
    this.#byIdentity.set(identity, { rights: known === undefined || known.rights === rights ? rights : '', expires })
  }

  /** Whether a token may be about that allows something else; from then on the media server is taken to know. */
  differ(identity: string, rights: string, now: number): boolean {
    this.#forget(now)
    const known = this.#byIdentity.get(identity)
    if (known === undefined || known.rights === rights) return false
    known.rights = rights
    return true
  }

  get size(): number {
    return this.#byIdentity.size
  }

  /** They are in the order in which they expire. */
  #forget(now: number): void {
    for (const [identity, { expires }] of this.#byIdentity) {
      if (expires > now) return
      this.#byIdentity.delete(identity)
    }
  }
}
