import type { Transport } from './transport.ts'

export const RELIABLE = '_reliable'
export const LOSSY = '_lossy'
const MAX_BACKLOG = 1_000_000
const MAX_BUFFERED_LOSSY = 256_000
/** A client that does not take its data loses what comes beyond. */
const MAX_BUFFERED_RELIABLE = 4_000_000

/** A client's two data channels, towards the client. */
export class DataLink {
  readonly #transport: Transport
  readonly #opened = new Set<string>()
  readonly #backlog: Buffer[] = []
  #backlogSize = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Sends an encoded DataPacket, or drops it when the client does not keep up with lossy ones. */
  send(label: string, data: Buffer): void {
    const { peer } = this.#transport
    const limit = label === LOSSY ? MAX_BUFFERED_LOSSY : MAX_BUFFERED_RELIABLE
    if (peer.bufferedAmount(label) > limit) return
    if (peer.sendData(label, data) || label === LOSSY || this.#opened.has(label)) return
    // It has joined but its channel is not open yet: reliable means it gets this too.
    if (this.#backlogSize + data.length > MAX_BACKLOG) return
    this.#backlog.push(data)
    this.#backlogSize += data.length
  }

  /** The channel is open: what was kept for it goes out. */
  opened(label: string): void {
    this.#opened.add(label)
    if (label !== RELIABLE) return
    for (const data of this.#backlog.splice(0)) this.#transport.peer.sendData(label, data)
    this.#backlogSize = 0
  }
}
