import type { LogLevel } from '../common/log.ts'
import type { Certificate } from '../peer/certificate.ts'
import type { JoinInit } from '../room/join-init.ts'
import type { Grants } from '../token/grants.ts'

/** Messages between the main process, which holds the sockets, and the workers, which hold the rooms. */

export interface WorkerSettings {
  certificate: Certificate
  udpHost: string
  udpPort: number
  announcedAddresses: string[]
  iceServers: { urls: string[]; username?: string; credential?: string }[]
  remoteUnmute: boolean
  subscriptionPermissions: boolean
}

export type ToWorker =
  | { kind: 'start'; settings: WorkerSettings }
  | { kind: 'join'; session: string; room: string; init: JoinInit }
  /** A binary livekit.SignalRequest. */
  | { kind: 'signal'; session: string; data: Uint8Array }
  /** The socket closed without a leave. */
  | { kind: 'gone'; session: string }
  /** A RoomService call: the request as binary protobuf. */
  | { kind: 'call'; id: number; method: string; room: string; body: Uint8Array }
  | { kind: 'metrics'; id: number }
  | { kind: 'stop' }

export type FromWorker =
  | { kind: 'ready'; port: number }
  /** A binary livekit.SignalResponse. */
  | { kind: 'signal'; session: string; data: Uint8Array }
  /** Close the socket once what was sent before is out. `returns`: the client was told to connect anew. */
  | { kind: 'end'; session: string; returns: boolean }
  /** The session's grants changed: the client needs a token that says so. */
  | { kind: 'grants'; session: string; grants: Grants }
  | { kind: 'reply'; id: number; body: Uint8Array }
  | { kind: 'failure'; id: number; code: string; message: string }
  /** A binary livekit.WebhookEvent. */
  | { kind: 'event'; room: string; body: Uint8Array }
  | { kind: 'room-closed'; room: string }
  | { kind: 'metrics'; id: number; metrics: WorkerMetrics }
  | { kind: 'log'; level: LogLevel; fields: object; message: string }
  | { kind: 'stopped' }

export interface WorkerMetrics {
  rooms: number
  participants: number
  tracksPublished: number
  tracksSubscribed: number
  packetsIn: number
  packetsOut: number
  bytesIn: number
  bytesOut: number
  malformedPackets: number
  residentBytes: number
  heapBytes: number
  cpuMicros: number
}
