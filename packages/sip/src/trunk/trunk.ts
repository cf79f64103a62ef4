import type { CodecName } from '../media/codec.ts'
import type { SrtpPolicy } from '../sdp/negotiate.ts'
import type { Protocol } from '../transport/flow.ts'

interface TrunkBase {
  /** What logs and the administrator's page call it. */
  name: string
  srtp?: SrtpPolicy
  /** Codecs allowed, any order: the caller's preference decides. Default all three. */
  codecs?: CodecName[]
}

/** Calls from these addresses (IPv4, IPv6 or CIDR) are taken. */
export interface AddressTrunk extends TrunkBase {
  kind: 'address'
  addresses: string[]
}

/** Calls that answer a challenge with this name and password are taken, from anywhere. */
export interface DigestTrunk extends TrunkBase {
  kind: 'digest'
  username: string
  password: string
}

/** We register with a provider (RFC 3261 section 10) and take what it sends to the contact we gave. */
export interface RegistrationTrunk extends TrunkBase {
  kind: 'registration'
  /** Host name or address of the registrar; the port may follow after a colon. */
  registrar: string
  transport?: Protocol
  /** The number or name registered: the user of the address of record. */
  username: string
  password: string
  /** Name for digest when it differs from `username`. */
  authUsername?: string
  /** Domain of the address of record when it is not the registrar's host. */
  domain?: string
  /** Seconds asked for. Default 600. */
  expires?: number
  /** Further addresses the provider calls from. */
  addresses?: string[]
}

export type Trunk = AddressTrunk | DigestTrunk | RegistrationTrunk
