import { DataPacket } from '@livekit/protocol'
import { LOSSY, RELIABLE } from './data-link.ts'
import type { Rates } from './rates.ts'

/** Messages beyond the rate, less those within it since, after which a client is sent away. */
const MAX_DROPPED = 20_000

export interface DataUplinkEvents {
  packet(packet: DataPacket, label: string): void
  malformed(): void
  /** It sends more than is passed on; told once. */
  exceeded(): void
  /** It does not stop. */
  flooded(): void
}

/** What a client sends on its data channels: decoded, and no more of it than its rates allow. */
export class DataUplink {
  readonly #rates: Rates
  readonly #events: DataUplinkEvents
  #dropped = 0
  #hasExceeded = false

  constructor(rates: Rates, events: DataUplinkEvents) {
    this.#rates = rates
    this.#events = events
  }

  /** Takes a message. Milliseconds of a monotonic clock. */
  receive(label: string, data: Buffer, now: number): void {
    if (label !== RELIABLE && label !== LOSSY) return
    if (!this.#rates.take('data', now) || !this.#rates.take('dataBytes', now, data.length)) {
      this.#drop()
      return
    }
    let packet: DataPacket
    try {
      packet = DataPacket.fromBinary(data)
    } catch {
      this.#events.malformed()
      return
    }
    if (packet.value.case === 'user' && label === RELIABLE && !this.#rates.take('userData', now)) {
      this.#drop()
      return
    }
    this.#dropped = Math.max(0, this.#dropped - 1)
    this.#events.packet(packet, label)
  }

  #drop(): void {
    this.#dropped++
    if (!this.#hasExceeded) this.#events.exceeded()
    this.#hasExceeded = true
    if (this.#dropped === MAX_DROPPED) this.#events.flooded()
  }
}
