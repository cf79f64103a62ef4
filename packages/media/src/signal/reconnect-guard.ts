/** The first attempt comes within half a second of the loss (DefaultReconnectPolicy), later on a busy machine. */
const EXPECTED_MS = 2_500

/**
 * Whose connection was lost a moment ago, so that their first attempt to come back can be turned away once.
 *
 * livekit-client (2.23.0, `RTCEngine.waitForRestarted`) calls itself reconnected as soon as its media is connected, but until
 * two seconds after it rejoined keeps every event about other people in a list which it then forgets: of people who come
 * back together, as after a worker died or a proxy was restarted, each misses the other's tracks for good. A client whose
 * first attempt failed does not do so. Turning one attempt away costs some 300 ms.
 */
export class ReconnectGuard {
  readonly #expected = new Map<string, number>()

  /** That participant's connection is lost; it is to come back by itself. Times in milliseconds of any monotonic clock. */
  expect(room: string, identity: string, now: number): void {
    this.#expected.set(keyOf(room, identity), now + EXPECTED_MS)
    for (const [key, until] of this.#expected) {
      if (until > now) break
      this.#expected.delete(key)
    }
  }

  /** Whether this attempt is the first after a loss: true once. */
  isFirst(room: string, identity: string, now: number): boolean {
    const key = keyOf(room, identity)
    const until = this.#expected.get(key)
    this.#expected.delete(key)
    return until !== undefined && until > now
  }
}

function keyOf(room: string, identity: string): string {
  return JSON.stringify([room, identity])
}
