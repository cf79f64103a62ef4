import type { Grants } from '../token/grants.ts'

/** What a client asked for when it connected. */
export interface JoinInit {
  grants: Grants
  singleConnection: boolean
  autoSubscribe: boolean
  reconnect: boolean
  subscriberAllowPause: boolean
  clientProtocol: number
  /** Binary livekit.SessionDescription and livekit.AddTrackRequest messages of a JoinRequest. */
  publisherOffer: Uint8Array | undefined
  addTracks: Uint8Array[]
}
