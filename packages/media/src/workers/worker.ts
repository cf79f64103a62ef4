import {
  AddTrackRequest,
  type CreateRoomRequest,
  DisconnectReason,
  ICEServer,
  LeaveRequest,
  LeaveRequest_Action,
  ServerInfo,
  ServerInfo_Edition,
  SignalRequest,
  SignalResponse,
  WebhookEvent,
} from '@livekit/protocol'
import type { LogLevel } from '../common/log.ts'
import { TwirpError } from '../common/twirp-error.ts'
import { UdpPort } from '../peer/udp-port.ts'
import type { RoomHost } from '../room/host.ts'
import { newId } from '../room/ids.ts'
import type { JoinInit } from '../room/join-init.ts'
import type { Participant } from '../room/participant.ts'
import { Room } from '../room/room.ts'
import { callRoomService, type Rooms } from '../room/room-service.ts'
import { handleSignal } from '../room/signal-handler.ts'
import { checkSize } from '../room/signal-limits.ts'
import type { TransportOptions } from '../room/transport.ts'
import type { RoomConfig } from '../token/grants.ts'
import type { FromWorker, ToWorker, WorkerMetrics, WorkerSettings } from './wire.ts'

const TICK_MS = 20
/** What clients are told we are: the livekit-server whose behaviour this follows, and its signalling protocol. */
const SERVER_VERSION = '1.13.0'
const PROTOCOL = 17
/** Signals a client may get wrong before it is sent away. */
const MAX_MALFORMED_SIGNALS = 10

/** The rooms of one worker process: takes the main process's messages, runs the clock. */
export class Worker implements RoomHost, Rooms {
  readonly transport: TransportOptions
  readonly serverInfo: ServerInfo
  readonly iceServers: ICEServer[]
  readonly remoteUnmute: boolean
  readonly subscriptionPermissions: boolean
  readonly #post: (message: FromWorker) => void
  readonly #udp: UdpPort
  readonly #rooms = new Map<string, Room>()
  readonly #participants = new Map<string, Participant>()
  readonly #malformed = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  private constructor(settings: WorkerSettings, udp: UdpPort, post: (message: FromWorker) => void) {
    this.#post = post
    this.#udp = udp
    const { certificate, udpHost, announcedAddresses } = settings
    this.transport = { certificate, udpHost, udpPort: udp.port, announcedAddresses, announcedPort: udp.port }
    this.remoteUnmute = settings.remoteUnmute
    this.subscriptionPermissions = settings.subscriptionPermissions
    this.iceServers = settings.iceServers.map((server) => new ICEServer(server))
    this.serverInfo = new ServerInfo({ edition: ServerInfo_Edition.Standard, version: SERVER_VERSION, protocol: PROTOCOL })
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  static async start(settings: WorkerSettings, post: (message: FromWorker) => void): Promise<Worker> {
    const udp = await UdpPort.open(settings.udpPort, settings.udpHost)
    post({ kind: 'ready', port: udp.port })
    return new Worker(settings, udp, post)
  }

  handle(message: Exclude<ToWorker, { kind: 'start' }>): void {
    switch (message.kind) {
      case 'join':
        this.#join(message.session, message.room, message.init)
        return
      case 'signal':
        this.#onSignal(message.session, message.data)
        return
      case 'gone':
        this.#malformed.delete(message.session)
        this.#participants.get(message.session)?.detach()
        this.#participants.delete(message.session)
        return
      case 'call':
        this.#call(message.id, message.method, message.body)
        return
      case 'metrics':
        this.#post({ kind: 'metrics', id: message.id, metrics: this.#metrics() })
        return
      case 'stop':
        this.#stop()
        return
    }
  }

  #join(session: string, name: string, init: JoinInit): void {
    const room = this.#rooms.get(name) ?? this.#create(name, init.grants.roomConfig)
    this.#guard(session, () => {
      const participant = room.join(session, init)
      if (participant === undefined) return
      this.#participants.set(session, participant)
      for (const request of init.addTracks) participant.negotiation.onAddTrack(AddTrackRequest.fromBinary(request))
      participant.start()
    })
  }

  #onSignal(session: string, data: Uint8Array): void {
    const participant = this.#participants.get(session)
    if (participant === undefined || participant.isClosed) return
    this.#guard(session, () => {
      checkSize(data)
      handleSignal(participant, SignalRequest.fromBinary(data))
    })
  }

  /** A client's mistake must stay its own: it is logged once, and repeated mistakes end its session. */
  #guard(session: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      const count = (this.#malformed.get(session) ?? 0) + 1
      this.#malformed.set(session, count)
      const reason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : 'unknown'
      if (count === 1) this.log('warn', { session, reason }, 'a client sent a malformed signal')
      if (count >= MAX_MALFORMED_SIGNALS) this.#participants.get(session)?.close(DisconnectReason.STATE_MISMATCH)
    }
  }

  #call(id: number, method: string, body: Uint8Array): void {
    try {
      this.#post({ kind: 'reply', id, body: callRoomService(this, method, body).toBinary() })
    } catch (error) {
      if (!(error instanceof TwirpError)) this.log('error', { method, reason: String(error) }, 'a RoomService call failed')
      const code = error instanceof TwirpError ? error.code : 'internal'
      const message = error instanceof TwirpError ? error.message : 'internal error'
      this.#post({ kind: 'failure', id, code, message })
    }
  }

  #tick(): void {
    const now = performance.now()
    for (const room of [...this.#rooms.values()]) room.tick(now)
  }

  #create(name: string, config: RoomConfig): Room {
    const room = new Room(this, name, config)
    this.#rooms.set(name, room)
    return room
  }

  #stop(): void {
    clearInterval(this.#timer)
    for (const room of [...this.#rooms.values()]) room.close(DisconnectReason.SERVER_SHUTDOWN, LeaveRequest_Action.RECONNECT)
    this.#udp.close()
    this.#post({ kind: 'stopped' })
  }

  #metrics(): WorkerMetrics {
    // With --expose-gc the figures are of what is really held.
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const metrics: WorkerMetrics = {
      rooms: this.#rooms.size,
      participants: 0,
      tracksPublished: 0,
      tracksSubscribed: 0,
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
      malformedPackets: 0,
      residentBytes: rss,
      heapBytes: heapUsed,
      cpuMicros: user + system,
    }
    for (const room of this.#rooms.values()) {
      for (const participant of room.participants.values()) {
        metrics.participants++
        metrics.packetsIn += participant.packetsIn
        metrics.bytesIn += participant.bytesIn
        metrics.malformedPackets += participant.malformed
        for (const { media } of participant.tracks.values()) {
          metrics.tracksPublished++
          metrics.packetsOut += media?.forwarded ?? 0
          metrics.bytesOut += media?.bytesForwarded ?? 0
        }
        for (const { downstream } of participant.downlink.all) if (downstream !== undefined) metrics.tracksSubscribed++
      }
    }
    return metrics
  }

  log(level: LogLevel, fields: object, message: string): void {
    this.#post({ kind: 'log', level, fields, message })
  }

  // Rooms.

  get(name: string): Room | undefined {
    return this.#rooms.get(name)
  }

  all(): Iterable<Room> {
    return this.#rooms.values()
  }

  create(request: CreateRoomRequest): Room {
    const { name, emptyTimeout, departureTimeout, maxParticipants, metadata } = request
    const config = { emptyTimeout, departureTimeout, maxParticipants, metadata }
    const existing = this.#rooms.get(name)
    if (existing === undefined) return this.#create(name, config)
    existing.configure(config)
    return existing
  }

  grantsChanged(participant: Participant): void {
    if (participant.session === '') return
    const { grants, name, metadata, attributes } = participant
    this.#post({ kind: 'grants', session: participant.session, grants: { ...grants, name, metadata, attributes } })
  }

  // RoomHost.

  signal(session: string, response: SignalResponse): void {
    this.#post({ kind: 'signal', session, data: response.toBinary() })
  }

  end(session: string, returns: boolean): void {
    this.#participants.delete(session)
    this.#malformed.delete(session)
    this.#post({ kind: 'end', session, returns })
  }

  refuse(session: string, reason: DisconnectReason, action: LeaveRequest_Action): void {
    const canReconnect = action !== LeaveRequest_Action.DISCONNECT
    this.signal(
      session,
      new SignalResponse({ message: { case: 'leave', value: new LeaveRequest({ reason, action, canReconnect }) } }),
    )
    // It has failed to come back once already.
    this.end(session, false)
  }

  event(room: string, name: string, fields: Partial<Pick<WebhookEvent, 'room' | 'participant' | 'track'>>): void {
    const event = new WebhookEvent({ event: name, id: newId('EV'), createdAt: BigInt(Math.floor(Date.now() / 1000)), ...fields })
    this.#post({ kind: 'event', room, body: event.toBinary() })
  }

  closed(room: string): void {
    this.#rooms.delete(room)
    this.#post({ kind: 'room-closed', room })
  }
}
