import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** An RTP socket and its RTCP socket on the next port (RFC 3550 section 11). */
export interface PortPair {
  rtp: Socket
  rtcp: Socket
  port: number
  close(): void
}

/** Even ports between min and max, or any the system has when not set. */
export interface PortRange {
  min: number
  max: number
}

/** Hands out pairs of UDP ports. */
export class PortPool {
  readonly #address: string
  readonly #range: PortRange | undefined
  #cursor: number

  constructor(address: string, range?: PortRange) {
    if (range && !(range.min > 0 && range.max <= 65_535 && range.max > range.min))
      throw new TypeError('media port range is empty')
    this.#address = address
    this.#range = range
    this.#cursor = range ? range.min + (range.min % 2) : 0
  }

  /** Open a pair. Rejects with `no media port left` when none is free. */
  async open(): Promise<PortPair> {
    const tries = this.#range ? Math.ceil((this.#range.max - this.#range.min + 1) / 2) : 50
    for (let attempt = 0; attempt < tries; attempt++) {
      const pair = await this.#tryPair(this.#nextPort())
      if (pair) return pair
    }
    throw new Error('no media port left')
  }

  #nextPort(): number {
    if (!this.#range) return 0
    const port = this.#cursor
    this.#cursor += 2
    if (this.#cursor + 1 > this.#range.max) this.#cursor = this.#range.min + (this.#range.min % 2)
    return port
  }

  async #tryPair(port: number): Promise<PortPair | undefined> {
    const rtp = await bind(this.#address, port)
    if (!rtp) return undefined
    const bound = rtp.address().port
    const rtcp = bound % 2 === 0 && bound < 65_535 ? await bind(this.#address, bound + 1) : undefined
    if (!rtcp) {
      rtp.close()
      return undefined
    }
    return {
      rtp,
      rtcp,
      port: bound,
      close: () => {
        rtp.close()
        rtcp.close()
      },
    }
  }
}

async function bind(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  try {
    socket.bind(port, address)
    await once(socket, 'listening')
    // An ICMP error is no reason to end a call; silence is, after a while.
    socket.on('error', () => {})
    return socket
  } catch {
    socket.close()
    return undefined
  }
}
