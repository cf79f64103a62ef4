import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { IceUdpMuxListener } from 'node-datachannel'
import { MediaError } from '../common/media-error.ts'

const RETRY_MS = 100
const RELEASE_MS = 3_000

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
    let chosen = await probe(port, host)
    // A server just restarted may find the last one's worker still letting go of the port.
    for (let waited = 0; chosen === undefined && waited < RELEASE_MS; waited += RETRY_MS) {
      await delay(RETRY_MS)
      chosen = await probe(port, host)
    }
    if (chosen === undefined) throw new MediaError('PortTaken', `UDP port ${port} on ${host} is taken`)
    return new UdpPort(chosen, new IceUdpMuxListener(chosen, host))
  }

  close(): void {
    this.#listener.stop()
  }
}

/** libjuice neither picks a free port nor fails clearly on a taken one, so a plain socket asks first. */
async function probe(port: number, host: string): Promise<number | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind(port, host)
    await once(socket, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
  const chosen = socket.address().port
  socket.close()
  await once(socket, 'close')
  return chosen
}
