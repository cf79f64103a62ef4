import { randomUUID } from 'node:crypto'
import { SignalRequest, SignalResponse } from '@livekit/protocol'
import type { WebSocket } from 'ws'
import type { Log } from '../common/log.ts'
import type { Grants } from '../token/grants.ts'
import { Inbox } from './inbox.ts'

/** No client message is expected to be larger; SDP of a room full of tracks is the largest. */
export const MAX_SIGNAL = 500_000
/** Bytes that may wait for a client to read them before another message is added. */
const MAX_UNREAD = 512_000
/** LiveKit clients ping every few seconds; one silent for this long is gone. */
const SILENT_MS = 45_000
/** RFC 6455: normal closure, the page goes away, no code given. */
const MEANT = new Set([1000, 1001, 1005])

export interface ClientSocketEvents {
  /** A binary SignalRequest. */
  signal(data: Uint8Array): void
  /** `isLost`: neither side meant it to end. */
  closed(isLost: boolean): void
}

/** A client's signalling connection. Knows nothing of rooms. */
export class ClientSocket {
  readonly session = randomUUID()
  readonly room: string
  grants: Grants
  readonly #socket: WebSocket
  readonly #log: Log
  #isJson = false
  #hasFailed = false
  #isEnding = false
  readonly #silentMs: number
  #timer: NodeJS.Timeout

  constructor(socket: WebSocket, room: string, grants: Grants, log: Log, events: ClientSocketEvents, silentMs = SILENT_MS) {
    this.#silentMs = silentMs
    this.#socket = socket
    this.room = room
    this.grants = grants
    this.#log = log
    this.#timer = this.#watch()
    const inbox = new Inbox(socket, (data) => {
      this.#timer.refresh()
      events.signal(data)
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#timer.refresh()
      if (this.#isEnding || this.#hasFailed) return
      const decoded = isBinary ? data : this.#fromJson(data)
      if (decoded === undefined || inbox.push(decoded)) return
      this.#fail('more messages than can be taken')
      socket.terminate()
    })
    socket.on('error', (error) => this.#fail(error.message))
    socket.once('close', (code) => {
      clearTimeout(this.#timer)
      inbox.close()
      events.closed(!this.#isEnding && !MEANT.has(code))
    })
  }

  /** Sends a binary SignalResponse, as JSON to a client that speaks JSON. A client that does not read is cut off. */
  send(data: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.unread > MAX_UNREAD) {
      this.#fail('does not read what it is sent')
      this.#socket.terminate()
      return
    }
    if (this.#isJson) this.#socket.send(SignalResponse.fromBinary(data).toJsonString())
    else this.#socket.send(data, { binary: true })
  }

  /** Bytes sent that the client has not taken yet. */
  get unread(): number {
    return this.#socket.bufferedAmount
  }

  close(): void {
    this.#isEnding = true
    this.#socket.close(1000)
    // A client that does not answer the close must not keep the socket.
    setTimeout(() => this.#socket.terminate(), 2_000).unref()
  }

  #fromJson(data: Buffer): Uint8Array | undefined {
    try {
      this.#isJson = true
      return SignalRequest.fromJsonString(data.toString(), { ignoreUnknownFields: true }).toBinary()
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : 'unreadable')
      this.#socket.close(1003)
      return undefined
    }
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#fail('silent for too long')
      this.#socket.terminate()
    }, this.#silentMs)
  }

  #fail(reason: string): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#log.warn({ session: this.session, room: this.room, reason: reason.slice(0, 200) }, 'a signalling connection failed')
  }
}
