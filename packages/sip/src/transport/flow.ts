import type { MessageLimits } from '../message/limits.ts'

export type Protocol = 'udp' | 'tcp' | 'tls'

/** Where a message came from and how to answer there: a connection, or a datagram's two addresses. */
export interface Flow {
  readonly protocol: Protocol
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  /** False once the connection under it is gone; always true for UDP. */
  readonly open: boolean
  /** Send to the peer; a datagram may go to another port of the same address. */
  send(data: Buffer, port?: number): void
}

/** What a transport hands up. Called for every datagram, or every framed message of a stream. */
export interface TransportHandler {
  /** Asked before anything is read: false drops the datagram or connection unread. */
  admit(address: string, protocol: Protocol): boolean
  /** What a message from there may cost. */
  limits(address: string): MessageLimits
  message(data: Buffer, flow: Flow): void
  /** A stream that could not be cut into messages and was closed. */
  broken(flow: Flow, code: string): void
}

/** One listening socket. */
export interface Transport {
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/** An IPv4 address out of its IPv6-mapped form; others as they are. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** An address as it stands in a URI or Via. */
export function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
