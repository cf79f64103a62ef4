interface Place {
  address: string
  port: number
}

const quietMs = 2_000

/**
 * Symmetric RTP: media goes back to where it comes from, not only to where the description says (NAT).
 * Only one source is followed at a time; another may take over once that one has fallen silent,
 * unless the packets are authenticated, which proves that the peer has moved.
 */
export class Latch {
  #signalled: Place | undefined
  #source: Place | undefined
  #lastHeard = 0

  /** A new description from the peer. */
  signalled(place: Place | undefined): void {
    const same = place && this.#signalled && place.address === this.#signalled.address && place.port === this.#signalled.port
    this.#signalled = place
    if (!same) this.#source = undefined
  }

  /** Where to send, if anywhere. */
  get target(): Place | undefined {
    return this.#source ?? this.#signalled
  }

  /** Whether a packet from there belongs to the call. `now` in milliseconds. */
  accept(address: string, port: number, authenticated: boolean, now: number): boolean {
    const source = this.#source
    if (source?.address === address && source.port === port) {
      this.#lastHeard = now
      return true
    }
    const signalled = this.#signalled?.address === address && this.#signalled.port === port
    if (source && !signalled && !authenticated && now - this.#lastHeard < quietMs) return false
    this.#source = { address, port }
    this.#lastHeard = now
    return true
  }
}
