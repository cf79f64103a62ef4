import type { IncomingMessage, ServerResponse } from 'node:http'
import { availableParallelism } from 'node:os'
import type { Duplex } from 'node:stream'
import type { Message } from '@bufbuild/protobuf'
import * as protocol from '@livekit/protocol'
import {
  LeaveRequest,
  LeaveRequest_Action,
  ListRoomsRequest,
  ListRoomsResponse,
  type ParticipantInfo,
  ParticipantInfo_State,
  Room,
  type RoomParticipantIdentity,
  SignalResponse,
  type UpdateParticipantRequest,
  WebhookEvent,
} from '@livekit/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { checkAttributes, checkMetadata, checkName } from './common/limits.ts'
import { type Log, silentLog } from './common/log.ts'
import { MediaError } from './common/media-error.ts'
import { TwirpError } from './common/twirp-error.ts'
import { urlOf } from './http/request-url.ts'
import { isRoomServicePath, METHODS, serveRoomService } from './http/room-service-route.ts'
import { createCertificate } from './peer/certificate.ts'
import { newId } from './room/ids.ts'
import type { JoinInit } from './room/join-init.ts'
import { ClientSocket, MAX_SIGNAL } from './signal/client-socket.ts'
import { ConnectError, readConnectRequest, statusOf, tokenOf } from './signal/connect-request.ts'
import { ReconnectGuard } from './signal/reconnect-guard.ts'
import { CurrentRights } from './token/current-rights.ts'
import type { Grants } from './token/grants.ts'
import { Revocations } from './token/revocations.ts'
import { TokenError, Tokens } from './token/token.ts'
import { WebhookQueue } from './webhook/queue.ts'
import type { FromWorker, WorkerMetrics } from './workers/wire.ts'
import { WorkerPool } from './workers/worker-pool.ts'
import type { WorkerProcess } from './workers/worker-process.ts'

export interface MediaServerOptions {
  /** API key to secret. */
  keys: Record<string, string>
  /** UDP port of the first worker; the next workers take the following ones. 0: free ones. */
  udpPort: number
  /** Address to bind, e.g. 127.0.0.1 or 0.0.0.0. */
  udpHost: string
  /** Addresses clients are told to send media to. */
  announcedAddresses: string[]
  /** External STUN and TURN servers clients are told of. */
  iceServers?: { urls: string[]; username?: string; credential?: string }[]
  webhooks?: { url: string; key: string }[]
  /** Lets RoomService unmute what somebody muted; off by default, as in LiveKit. */
  remoteUnmute?: boolean
  /**
   * Lets clients choose who may subscribe to their tracks (SubscriptionPermission); on by default, as in LiveKit. Switch it off
   * where somebody must hear what is said in the room: a moderator, a recorder.
   */
  subscriptionPermissions?: boolean
  /** Worker processes; by default one for each core but one, at most four. */
  workers?: number
  log?: Log
}

export interface MediaServerMetrics {
  workers: WorkerMetrics[]
  sockets: number
  udpPorts: number[]
  /** Of the main process. */
  residentBytes: number
  heapBytes: number
}

const PATHS = new Set(['/rtc', '/rtc/v1', '/rtc/validate', '/rtc/v1/validate'])
const REFRESH_MS = 5 * 60_000
const FLUSH_MS = 2_000
const MAX_WORKERS = 64

/** A LiveKit-compatible media server to embed: give it the HTTP requests and upgrades it says are its own. */
export class MediaServer {
  readonly #log: Log
  readonly #tokens: Tokens
  readonly #webhooks: WebhookQueue
  readonly #revocations = new Revocations()
  readonly #rights = new CurrentRights()
  readonly #reconnects = new ReconnectGuard()
  readonly #sockets = new Map<string, ClientSocket>()
  /** Last known of each session's participant, to report it left when its worker dies. */
  readonly #present = new Map<string, Map<string, ParticipantInfo>>()
  readonly #upgrader = new WebSocketServer({ noServer: true, maxPayload: MAX_SIGNAL, perMessageDeflate: false })
  readonly #refresher: NodeJS.Timeout
  #pool: WorkerPool | undefined
  #isClosed = false

  private constructor(options: MediaServerOptions) {
    this.#log = options.log ?? silentLog
    this.#tokens = new Tokens(options.keys)
    const webhooks = options.webhooks ?? []
    for (const { key } of webhooks)
      if (!this.#tokens.has(key)) throw new MediaError('UnknownWebhookKey', `webhooks: no API key ${key}`)
    this.#webhooks = new WebhookQueue(webhooks, this.#tokens, this.#log)
    this.#refresher = setInterval(() => this.#refreshAll(), REFRESH_MS)
    this.#refresher.unref()
  }

  /** Starts the workers. Rejects with MediaError when the options are wrong or a UDP port is taken. */
  static async start(options: MediaServerOptions): Promise<MediaServer> {
    if (Object.keys(options.keys).length === 0) throw new MediaError('NoKeys', 'keys: at least one API key is needed')
    if (options.announcedAddresses.length === 0)
      throw new MediaError('NoAnnouncedAddresses', 'announcedAddresses: at least one address is needed')
    const workers = options.workers ?? Math.max(1, Math.min(4, availableParallelism() - 1))
    if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS)
      throw new MediaError('WorkersOutOfRange', `workers: ${workers} is not from 1 to ${MAX_WORKERS}`)
    const last = options.udpPort === 0 ? 0 : options.udpPort + workers - 1
    if (!Number.isInteger(options.udpPort) || options.udpPort < 0 || last > 0xffff)
      throw new MediaError('PortOutOfRange', `udpPort: ${options.udpPort} to ${last} are not all ports`)
    const server = new MediaServer(options)
    server.#pool = await WorkerPool.start(
      {
        certificate: createCertificate(),
        udpHost: options.udpHost,
        udpPort: options.udpPort,
        announcedAddresses: options.announcedAddresses,
        iceServers: options.iceServers ?? [],
        remoteUnmute: options.remoteUnmute ?? false,
        subscriptionPermissions: options.subscriptionPermissions ?? true,
      },
      workers,
      {
        message: (worker, message) => server.#onMessage(worker, message),
        lost: (_worker, rooms) => server.#onLost(rooms),
      },
      server.#log,
    )
    return server
  }

  /** UDP ports of the workers. */
  get udpPorts(): number[] {
    return this.#pool!.ports
  }

  /** Takes a WebSocket upgrade when its path is ours (/rtc, /rtc/v1); returns false when it is not. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const url = urlOf(request)
    if (url === undefined || (url.pathname !== '/rtc' && url.pathname !== '/rtc/v1')) return false
    socket.on('error', () => {})
    void this.#verify(url, request)
      .then((token) => {
        // In one turn from here to the worker: no change of rights comes between.
        const { room, init } = this.#admit(url, token, true)
        this.#upgrader.handleUpgrade(request, socket, head, (client) => this.#accept(client, room, init))
      })
      .catch((error: unknown) => {
        const { status, message } = statusOf(error)
        this.#log.info({ status, reason: message, address: request.socket.remoteAddress }, 'a connection was refused')
        socket.end(
          `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
        )
      })
    return true
  }

  /** Serves a request when its path is ours (validate, RoomService); returns false when it is not. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const url = urlOf(request)
    if (url === undefined) return false
    if (isRoomServicePath(url.pathname)) {
      void serveRoomService(
        url.pathname,
        request,
        response,
        (incoming) => this.#verifyCall(incoming),
        (method, message) => this.#call(method, message),
      )
      return true
    }
    if (!PATHS.has(url.pathname)) return false
    response.setHeader('access-control-allow-origin', '*')
    if (!url.pathname.endsWith('/validate')) {
      response.writeHead(404).end()
      return true
    }
    void this.#verify(url, request)
      .then((token) => {
        this.#admit(url, token, false)
        response.writeHead(200, { 'content-type': 'text/plain' }).end('success')
      })
      .catch((error: unknown) => {
        const { status, message } = statusOf(error)
        response.writeHead(status, { 'content-type': 'text/plain' }).end(message)
      })
    return true
  }

  /** Figures of every worker. */
  async metrics(): Promise<MediaServerMetrics> {
    const pool = this.#pool!
    // With --expose-gc the figures are of what is really held.
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      workers: await pool.metrics(),
      sockets: this.#sockets.size,
      udpPorts: pool.ports,
      residentBytes: rss,
      heapBytes: heapUsed,
    }
  }

  /** Process id of the worker that holds a room, for supervision and tests; undefined when none does. */
  workerPidOf(room: string): number | undefined {
    return this.#pool!.find(room)?.pid
  }

  /** Sends everyone away, delivers what webhooks are left, ends the workers. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#refresher)
    await this.#pool?.close()
    for (const socket of this.#sockets.values()) socket.close()
    await this.#webhooks.flush(FLUSH_MS)
    this.#webhooks.close()
    this.#upgrader.close()
  }

  /** The grants of the request's token, once there is a worker to take a room. */
  async #verify(url: URL, request: IncomingMessage): Promise<Grants> {
    const grants = await this.#tokens.verify(tokenOf(url, request.headers.authorization))
    await this.#pool!.available()
    return grants
  }

  /** What a client with that token asks for, with its rights of now. Throws ConnectError when it may not come in. */
  #admit(url: URL, token: Grants, isUpgrade: boolean) {
    const grants = this.#rights.apply(token.room, token)
    const isV1 = url.pathname.startsWith('/rtc/v1')
    const { room, init, isJavaScript } = readConnectRequest(url, grants, isV1)
    if (this.#revocations.isRevoked(room, grants.identity, grants.notBefore))
      throw new ConnectError(401, 'token has been revoked')
    if (isUpgrade && isJavaScript && !init.reconnect && this.#reconnects.isFirst(room, grants.identity, performance.now()))
      throw new ConnectError(503, 'connection was just lost, try again')
    return { room, init }
  }

  #accept(client: WebSocket, room: string, init: JoinInit): void {
    const worker = this.#pool!.assign(room)
    if (worker === undefined || this.#isClosed) {
      client.close(1013)
      return
    }
    const socket = new ClientSocket(client, room, init.grants, this.#log, {
      signal: (data) => worker.post({ kind: 'signal', session: socket.session, data }),
      closed: (isLost) => {
        if (isLost) this.#expect(socket)
        this.#sockets.delete(socket.session)
        worker.post({ kind: 'gone', session: socket.session })
      },
    })
    this.#sockets.set(socket.session, socket)
    this.#log.debug({ session: socket.session, room, identity: init.grants.identity }, 'a client connected')
    worker.post({ kind: 'join', session: socket.session, room, init })
  }

  // RoomService.

  async #verifyCall(request: IncomingMessage): Promise<Grants> {
    try {
      const authorization = request.headers.authorization ?? ''
      return await this.#tokens.verify(authorization.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : '')
    } catch (error) {
      throw new TwirpError('unauthenticated', error instanceof TokenError ? error.message : 'permissions denied')
    }
  }

  async #call(method: string, message: Message): Promise<Message> {
    if (method === 'ListRooms') return this.#listRooms((message as ListRoomsRequest).names)
    const { room: of, name } = message as unknown as { room?: string; name?: string }
    const room = method === 'CreateRoom' ? (name ?? '') : (of ?? '')
    if (room === '') throw new TwirpError('invalid_argument', method === 'CreateRoom' ? 'no room name' : 'room cannot be empty')
    const pool = this.#pool!
    await pool.available()
    const worker = method === 'CreateRoom' ? pool.assign(room) : pool.find(room)
    if (method === 'RemoveParticipant') this.#revoke(message as RoomParticipantIdentity)
    const undo = method === 'UpdateParticipant' ? this.#noteRights(message as UpdateParticipantRequest) : undefined
    if (worker === undefined) {
      if (method === 'ListParticipants') return new protocol.ListParticipantsResponse()
      const noRoom = method === 'DeleteRoom' || method === 'UpdateRoomMetadata' || method === 'SendData'
      throw new TwirpError('not_found', noRoom ? 'requested room does not exist' : 'participant does not exist')
    }
    try {
      return METHODS[method]!.response.fromBinary(await worker.call(method, room, message.toBinary()))
    } catch (error) {
      if (error instanceof TwirpError && error.code === 'invalid_argument') undo?.()
      throw error
    }
  }

  async #listRooms(names: string[]): Promise<Message> {
    const request = new ListRoomsRequest().toBinary()
    const replies = await Promise.all(
      this.#pool!.workers.filter(({ isAlive }) => isAlive).map((worker) => worker.call('ListRooms', '', request)),
    )
    const rooms = replies.flatMap((body) => ListRoomsResponse.fromBinary(body).rooms)
    return new ListRoomsResponse({ rooms: names.length === 0 ? rooms : rooms.filter(({ name }) => names.includes(name)) })
  }

  /** Tokens of a removed participant issued until now (or until the time the caller names) are dead. */
  #revoke({ room, identity, revokeTokenTs }: RoomParticipantIdentity): void {
    const explicit = Number(revokeTokenTs)
    this.#revocations.revoke(room, identity, explicit > 0 ? explicit - 1 : Math.floor(Date.now() / 1000))
  }

  /** What RoomService says of somebody counts from now on, also when they come back with an older token. */
  #noteRights({ room, identity, permission, name, metadata, attributes }: UpdateParticipantRequest): () => void {
    checkName(name)
    checkMetadata(metadata)
    checkAttributes(attributes)
    const change = { permission, name, metadata, attributes }
    return this.#rights.change(room, identity, change, Math.floor(Date.now() / 1000))
  }

  // Workers.

  #onMessage(worker: WorkerProcess, message: FromWorker): void {
    switch (message.kind) {
      case 'signal':
        this.#sockets.get(message.session)?.send(message.data)
        return
      case 'end':
        this.#onEnd(message.session, message.returns)
        return
      case 'grants':
        this.#regrant(message.session, message.grants)
        return
      case 'event':
        this.#onEvent(message.room, WebhookEvent.fromBinary(message.body))
        return
      case 'room-closed':
        this.#pool?.forget(message.room, worker)
        this.#present.delete(message.room)
        return
      case 'log':
        this.#log[message.level](message.fields, message.message)
        return
    }
  }

  #onEnd(session: string, returns: boolean): void {
    const socket = this.#sockets.get(session)
    if (socket === undefined) return
    if (returns) this.#expect(socket)
    socket.close()
  }

  /** That client comes back by itself. */
  #expect({ room, grants }: ClientSocket): void {
    this.#reconnects.expect(room, grants.identity, performance.now())
  }

  #onEvent(room: string, event: WebhookEvent): void {
    const { participant } = event
    if (participant !== undefined) {
      let present = this.#present.get(room)
      if (present === undefined) {
        present = new Map()
        this.#present.set(room, present)
      }
      if (event.event === 'participant_joined') present.set(participant.sid, participant)
      else if (event.event === 'participant_left') present.delete(participant.sid)
    }
    this.#webhooks.push(room, event)
  }

  /** A worker died: clients of its rooms connect again by themselves, and their rooms begin anew. */
  #onLost(rooms: string[]): void {
    const lost = new Set(rooms)
    const leave = new LeaveRequest({
      action: LeaveRequest_Action.RECONNECT,
      canReconnect: true,
      reason: protocol.DisconnectReason.MIGRATION,
    })
    const data = new SignalResponse({ message: { case: 'leave', value: leave } }).toBinary()
    for (const socket of this.#sockets.values()) {
      if (!lost.has(socket.room)) continue
      this.#expect(socket)
      socket.send(data)
      socket.close()
    }
    for (const room of rooms) {
      for (const participant of this.#present.get(room)?.values() ?? []) {
        participant.state = ParticipantInfo_State.DISCONNECTED
        this.#webhooks.push(room, this.#event('participant_left', room, participant))
      }
      this.#present.delete(room)
      this.#webhooks.push(room, this.#event('room_finished', room))
    }
  }

  #event(name: string, room: string, participant?: ParticipantInfo): WebhookEvent {
    const createdAt = BigInt(Math.floor(Date.now() / 1000))
    const fields = participant === undefined ? {} : { participant }
    return new WebhookEvent({ event: name, id: newId('EV'), createdAt, room: new Room({ name: room }), ...fields })
  }

  // Tokens.

  #regrant(session: string, grants: Grants): void {
    const socket = this.#sockets.get(session)
    if (socket === undefined) return
    socket.grants = grants
    void this.#refresh(socket)
  }

  #refreshAll(): void {
    for (const socket of this.#sockets.values()) void this.#refresh(socket)
  }

  async #refresh(socket: ClientSocket): Promise<void> {
    const value = await this.#tokens.refresh(this.#rights.apply(socket.room, socket.grants))
    socket.send(new SignalResponse({ message: { case: 'refreshToken', value } }).toBinary())
  }
}
