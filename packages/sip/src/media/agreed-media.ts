import type { CodecName } from './codec.ts'
import type { SrtpSuite } from './srtp.ts'

/** From the side that says it: whether it sends and whether it listens (RFC 3264 section 5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** A codec with the payload type it was given. */
export interface NumberedCodec {
  name: CodecName
  payloadType: number
}

/** The key of one direction: master key, then salt. */
export interface SrtpKey {
  suite: SrtpSuite
  keySalt: Buffer
}

/** What both sides agreed a call's sound to be. */
export interface AgreedMedia {
  /** Where the peer listens, and its own direction. */
  remote: { address: string; port: number; rtcpPort: number; direction: Direction }
  codec: NumberedCodec
  /** Payload types of telephone events and of comfort noise, where the peer takes them. */
  telephoneEvent: number | undefined
  comfortNoise: number | undefined
  srtp: { local: SrtpKey; remote: SrtpKey } | undefined
  /** Ours. */
  direction: Direction
  rtcpMux: boolean
}
