import type { ExtensionIds } from '@parley/rtp'

/** The way out to one client: what a forwarded packet needs of its connection. */
export interface PacketSink {
  readonly extensions: ExtensionIds
  /** Equal for connections whose packets differ in nothing but numbers, so that the packet is prepared once for all. */
  readonly formatKey: string
  readonly isOpen: boolean
  /** Whether a retransmission of that size may go out now: repairs must not crowd out what they repair. */
  mayRepair(size: number, now: number): boolean
  /** Whether more goes out than the link carries. */
  readonly isOverloaded: boolean
  /** Round trip to the client in milliseconds. */
  readonly rttMs: number
  /** Sends a packet. */
  send(packet: Buffer): void
  /** The next transport-wide sequence number, noting that `size` bytes go out under it now. */
  nextTransportSequence(size: number, now: number): number
}
