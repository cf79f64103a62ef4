const KEEP_MS = 24 * 3600_000
const MAX_KEPT = 100_000

/** Tokens made void by RemoveParticipant: those of that identity in that room issued up to then. */
export class Revocations {
  readonly #until = new Map<string, { notBefore: number; at: number }>()

  /** Voids tokens valid from `notBefore` (seconds) or earlier. */
  revoke(room: string, identity: string, notBefore: number): void {
    const key = JSON.stringify([room, identity])
    this.#until.delete(key)
    this.#until.set(key, { notBefore, at: Date.now() })
    for (const [old, { at }] of this.#until) {
      if (this.#until.size <= MAX_KEPT && Date.now() - at < KEEP_MS) break
      this.#until.delete(old)
    }
  }

  isRevoked(room: string, identity: string, notBefore: number): boolean {
    const entry = this.#until.get(JSON.stringify([room, identity]))
    return entry !== undefined && notBefore <= entry.notBefore
  }
}
