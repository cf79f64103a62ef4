import type {
  DisconnectReason,
  ICEServer,
  LeaveRequest_Action,
  ServerInfo,
  SignalResponse,
  WebhookEvent,
} from '@livekit/protocol'
import type { LogLevel } from '../common/log.ts'
import type { TransportOptions } from './transport.ts'

/** What a room needs of the process it lives in. */
export interface RoomHost {
  readonly transport: TransportOptions
  readonly serverInfo: ServerInfo
  readonly iceServers: ICEServer[]
  /** Whether RoomService may unmute a track. */
  readonly remoteUnmute: boolean
  /** Whether clients may choose who hears and sees them. */
  readonly subscriptionPermissions: boolean
  /** Sends to the client of that session. */
  signal(session: string, response: SignalResponse): void
  /** Closes the session's socket after what was sent; `returns`: the client was told to connect anew. */
  end(session: string, returns: boolean): void
  /** Tells a client that was not let in why, and closes its socket. */
  refuse(session: string, reason: DisconnectReason, action: LeaveRequest_Action): void
  log(level: LogLevel, fields: object, message: string): void
  event(room: string, name: string, fields: Partial<Pick<WebhookEvent, 'room' | 'participant' | 'track'>>): void
  /** The room of that name is closed. */
  closed(room: string): void
}
