import type { DigestAlgorithm } from './auth/digest.ts'
import type { Call } from './call/call.ts'
import type { CallMemory } from './call/memory.ts'
import type { SessionTimerSettings } from './dialog/session-timer.ts'
import type { CodecName } from './media/codec.ts'
import type { PortRange } from './media/ports.ts'
import type { SipTimers } from './transaction/timers.ts'
import type { GuardLimits } from './transport/guard.ts'
import type { ListenOptions } from './transport/listeners.ts'
import type { TlsSettings } from './transport/stream.ts'
import type { Trunk } from './trunk/trunk.ts'

export interface SipServerOptions {
  listen: ListenOptions
  /** Certificate and key for TLS, and whom to trust when connecting out. Required when `listen.tls` is set. */
  tls?: TlsSettings
  /** The address peers reach us at, for Contact and media, when it is not the local one (NAT). */
  publicAddress?: string
  /** Name in digest challenges; digest trunks' passwords are bound to it. Default `sip`. */
  realm?: string
  /**
   * Algorithms callers are challenged with, best first (RFC 8760). Default MD5 alone: baresip 1.0 and SIPp 3.6 give up
   * when SHA-256 is offered beside it. `['SHA-256', 'MD5']` or `['SHA-256']` when every digest trunk can.
   */
  digest?: readonly DigestAlgorithm[]
  trunks: readonly Trunk[]
  mediaPorts?: PortRange
  codecs?: readonly CodecName[]
  /** Calls at once. Default 200. */
  maxCalls?: number
  sessionTimer?: SessionTimerSettings
  /** Milliseconds without a packet before a peer is probed, and before its call is ended. */
  liveness?: { probe: number; giveUp: number }
  guard?: GuardLimits
  timers?: SipTimers
  /** Calls of an earlier process that ended without hanging up (`SipServer.memories`): they are hung up on now. */
  lost?: readonly CallMemory[]
  /** Called with every call that may come in; it rings until `answer` or `refuse`. */
  onCall: (call: Call) => void
}
