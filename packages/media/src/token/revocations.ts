import { Recent } from './recent.ts'

/** Tokens made void by RemoveParticipant: those of that identity in that room issued up to then. */
export class Revocations {
  readonly #until = new Recent<number>()

  /** Voids tokens valid from `notBefore` (seconds) or earlier; what was void stays so. */
  revoke(room: string, identity: string, notBefore: number): void {
    this.#until.set(room, identity, Math.max(notBefore, this.#until.get(room, identity) ?? 0))
  }

  isRevoked(room: string, identity: string, notBefore: number): boolean {
    const until = this.#until.get(room, identity)
    return until !== undefined && notBefore <= until
  }
}
