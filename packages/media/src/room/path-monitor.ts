/** So many checks in a row without a packet, while so many went out that the far end must have answered. */
const SILENT_CHECKS = 5
const UNANSWERED_PACKETS = 100

/**
 * Finds out that the path to a client is gone: it reports on what it gets several times a second, so media that goes
 * out while nothing at all comes back goes nowhere. The client itself notices only when its ICE checks have failed, some
 * 15 to 20 seconds later.
 */
export class PathMonitor {
  #received = -1
  #sentBefore = 0
  #checks = 0

  /** To be called once a second with the packets received and sent so far; true when the path is gone. */
  check(received: number, sent: number): boolean {
    if (received !== this.#received) {
      this.#received = received
      this.#sentBefore = sent
      this.#checks = 0
      return false
    }
    this.#checks++
    return this.#checks >= SILENT_CHECKS && sent - this.#sentBefore >= UNANSWERED_PACKETS
  }
}
