import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'

/** What the proxy does to the datagrams of one direction. */
export interface Path {
  /** Share of datagrams lost at random, 0 to 1. */
  loss?: number
  /** Bits per second; what would wait longer than `queue` milliseconds is dropped, as at a full router. */
  rate?: number
  queue?: number
  /** Share of datagrams followed by two forgeries from the same address: the datagram with a byte changed, and an earlier one again. */
  noise?: number
}

/** A small seeded generator (mulberry32), so that a run of bad luck can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A loopback UDP relay in front of a server's media port, which loses and delays what it is told to. */
export class UdpProxy {
  up: Path = {}
  down: Path = {}
  /** Datagrams relayed and dropped so far, both directions. */
  relayed = 0
  dropped = 0
  /** Forgeries sent so far. */
  forged = 0
  #front = createSocket('udp4')
  #backs = new Map<string, Socket>()
  #severed = new Set<string>()
  #earlier = new Map<string, Buffer[]>()
  #random: () => number
  #busyUntil = { up: 0, down: 0 }
  #closed = false

  constructor(seed = 1) {
    this.#random = seeded(seed)
  }

  /** Relay to that port; returns the port clients shall use. */
  start(serverPort: number): Promise<number> {
    this.#front.on('message', (data, from) => {
      if (this.#severed.has(keyOf(from))) return
      this.#pass('up', data, () => this.#back(from, serverPort).send(data, serverPort, '127.0.0.1'))
      if (this.#random() < (this.up.noise ?? 0)) this.#forge(data, from, serverPort)
    })
    return new Promise((resolve) => this.#front.bind(0, '127.0.0.1', () => resolve(this.#front.address().port)))
  }

  #forge(data: Buffer, from: RemoteInfo, serverPort: number): void {
    const earlier = this.#earlier.get(keyOf(from)) ?? []
    this.#earlier.set(keyOf(from), earlier)
    earlier.push(Buffer.from(data))
    if (earlier.length > 200) earlier.shift()
    const changed = Buffer.from(data)
    const at = Math.floor(this.#random() * changed.length)
    changed[at] = changed[at]! ^ (1 + Math.floor(this.#random() * 255))
    const again = earlier[Math.floor(this.#random() * earlier.length)]!
    for (const forgery of [changed, again]) this.#back(from, serverPort).send(forgery, serverPort, '127.0.0.1')
    this.forged += 2
  }

  #back(client: RemoteInfo, serverPort: number): Socket {
    const key = keyOf(client)
    const known = this.#backs.get(key)
    if (known) return known
    const back = createSocket('udp4')
    back.on('error', () => undefined)
    back.on('message', (data, from) => {
      if (from.port === serverPort && !this.#severed.has(key))
        this.#pass('down', data, () => this.#front.send(data, client.port, client.address))
    })
    back.bind(0, '127.0.0.1')
    this.#backs.set(key, back)
    return back
  }

  /** Cuts every path there is for good, as when a client's network changes: only packets from new ports pass. */
  cut(): void {
    for (const key of this.#backs.keys()) this.#severed.add(key)
  }

  #pass(direction: 'up' | 'down', data: Buffer, send: () => void): void {
    const { loss = 0, rate, queue = 200 } = this[direction]
    if (loss > 0 && this.#random() < loss) {
      this.dropped++
      return
    }
    if (!rate) {
      this.relayed++
      send()
      return
    }
    const now = performance.now()
    const start = Math.max(now, this.#busyUntil[direction])
    if (start - now > queue) {
      this.dropped++
      return
    }
    const end = start + (data.length * 8000) / rate
    this.#busyUntil[direction] = end
    this.relayed++
    setTimeout(() => {
      if (!this.#closed) send()
    }, end - now)
  }

  close(): void {
    this.#closed = true
    this.#front.close()
    for (const back of this.#backs.values()) back.close()
  }
}

const keyOf = ({ address, port }: RemoteInfo): string => `${address}:${port}`
