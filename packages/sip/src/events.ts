import { EventEmitter } from 'node:events'
import type { MediaReport } from './media/leg.ts'
import type { Protocol } from './transport/flow.ts'

/** Why a call or message was refused: the stable code, what it means for an administrator, and the SIP status. */
export const refusals = {
  'unknown-source': [403, 'The call came from an address no trunk names.'],
  'bad-credentials': [403, 'The name or password of a digest trunk was wrong.'],
  'replayed-credentials': [403, 'Credentials that had been used before were sent again.'],
  'too-many-calls': [486, 'As many calls as allowed are up.'],
  'no-media-port': [503, 'No free UDP port is left in the media range.'],
  overloaded: [503, 'More SIP transactions are under way than allowed.'],
  'bad-extension': [420, 'The call requires a SIP extension not spoken here.'],
  'bad-contact': [400, 'The call has no usable Contact.'],
  'loop-detected': [482, 'The same call came over two ways.'],
  'unsupported-body': [415, 'The call describes its media in a format not read here.'],
  'not-acceptable': [406, 'The caller does not accept a session description.'],
  'session-interval': [422, 'The session timer asked for is too short.'],
  'sdp-malformed': [400, 'The session description cannot be read.'],
  'sdp-no-audio': [488, 'The call offers no audio over RTP.'],
  'sdp-no-codec': [488, 'The call offers no codec that its trunk allows.'],
  'sdp-srtp-required': [488, 'The trunk takes encrypted calls only, and this one offers no key.'],
  'sdp-srtp-refused': [488, 'The call wants encryption that its trunk has off or in a way not done here.'],
  'shutting-down': [503, 'The server is being stopped.'],
  internal: [500, 'A fault of this server; its log has more.'],
} as const satisfies Record<string, readonly [number, string]>

export type RefusalCode = keyof typeof refusals

/** Why a call ended. */
export type EndCode =
  | 'caller-hung-up'
  | 'caller-cancelled'
  | 'not-acknowledged'
  | 'session-expired'
  | 'media-timeout'
  | 'peer-gone'
  | 'answer-unusable'
  | 'hung-up'
  | 'shutting-down'

/** What a BYE of ours says of why (RFC 3326): a SIP status or a Q.850 cause, and words for whoever reads traces. */
export const endReasons: Record<EndCode, string> = {
  'caller-hung-up': 'Q.850;cause=16;text="Normal call clearing"',
  'caller-cancelled': 'Q.850;cause=16;text="Normal call clearing"',
  'not-acknowledged': 'SIP;cause=408;text="No ACK"',
  'session-expired': 'SIP;cause=408;text="Session timer expired"',
  'media-timeout': 'SIP;cause=408;text="No media"',
  'peer-gone': 'SIP;cause=408;text="No answer to a probe"',
  'answer-unusable': 'SIP;cause=488;text="Answer cannot be used"',
  'hung-up': 'Q.850;cause=16;text="Normal call clearing"',
  'shutting-down': 'SIP;cause=503;text="Server is being stopped"',
}

/** What the BYE to a call of an earlier process says. */
export const lostReason = 'SIP;cause=503;text="Server was restarted"'

/** Who is calling, over what. `caller` and `dialled` are as the trunk gave them: treat `caller` as personal data. */
export interface CallInfo {
  id: string
  trunk: string
  caller: string
  callerName: string
  dialled: string
  protocol: Protocol
  source: string
}

/** What the server tells its owner. Nothing here ever holds a digit pressed, a password or a key. */
export interface SipEvents {
  refused: [
    { code: RefusalCode; status: number; source: string; protocol: Protocol; caller: string; dialled: string; callId: string },
  ]
  /** A packet that was no SIP message. */
  malformed: [{ code: string; source: string; protocol: Protocol }]
  /** An address sends more than it may; told once a minute and address. */
  flood: [{ source: string }]
  callStarted: [CallInfo]
  callAnswered: [{ id: string; codec: string; srtp: boolean; setupMs: number }]
  callEnded: [{ id: string; code: EndCode; durationMs: number; media: MediaReport }]
  registration: [{ trunk: string; state: 'registered' | 'failed' | 'unregistered'; expires: number; code: string }]
  /** A fault of this package or of its listener, never of a peer. */
  fault: [Error]
}

/** An emitter whose listeners cannot break the server. */
export class SipEmitter extends EventEmitter<SipEvents> {
  tell<Name extends keyof SipEvents>(name: Name, ...args: SipEvents[Name]): void {
    for (const listener of this.rawListeners(name)) {
      try {
        Reflect.apply(listener, this, args)
      } catch (error) {
        if (name !== 'fault') this.tell('fault', error instanceof Error ? error : new Error(String(error)))
      }
    }
  }
}
