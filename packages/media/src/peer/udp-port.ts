import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { IceUdpMuxListener } from 'node-datachannel'

/** Holds the one UDP port of a process, so that it stays bound between connections. */
export class UdpPort {
  readonly port: number
  readonly #listener: IceUdpMuxListener

  private constructor(port: number, listener: IceUdpMuxListener) {
    this.port = port
    this.#listener = listener
  }

  /** Binds `port` (0: a free one) on `host`; rejects when it is taken. */
  static async open(port: number, host: string): Promise<UdpPort> {
    const chosen = await probe(port, host)
    return new UdpPort(chosen, new IceUdpMuxListener(chosen, host))
  }

  close(): void {
    this.#listener.stop()
  }
}

/** libjuice neither picks a free port nor fails clearly on a taken one, so a plain socket asks first. */
async function probe(port: number, host: string): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(port, host)
  await once(socket, 'listening')
  const chosen = socket.address().port
  socket.close()
  await once(socket, 'close')
  return chosen
}
