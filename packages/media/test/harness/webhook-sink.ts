import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk'
import type { Keys } from './keys.ts'
import { until } from './until.ts'

/** One webhook as it arrived: its verified event, or why it was not accepted. */
export interface Delivery {
  event?: WebhookEvent
  error?: string
  status: number
  contentType: string
}

/** A loopback HTTP server that verifies and keeps every webhook sent to it. */
export class WebhookSink {
  readonly deliveries: Delivery[] = []
  /** Answer this many of the next deliveries with 503, to see them retried. */
  failNext = 0
  #server = createServer((request, response) => {
    this.#take(request).then((status) => response.writeHead(status).end())
  })
  #receiver: WebhookReceiver

  constructor(keys: Keys) {
    this.#receiver = new WebhookReceiver(keys.key, keys.secret)
  }

  /** Listen on a free loopback port; returns the URL to deliver to. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  async #take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const contentType = request.headers['content-type'] ?? ''
    const status = this.failNext > 0 ? 503 : 200
    if (status === 503) this.failNext--
    try {
      const event = await this.#receiver.receive(Buffer.concat(chunks).toString('utf8'), request.headers.authorization)
      this.deliveries.push({ event, status, contentType })
    } catch (error) {
      this.deliveries.push({ error: (error as Error).message, status, contentType })
    }
    return status
  }

  /** The accepted events of one room, in order of arrival. */
  of(room: string): WebhookEvent[] {
    return this.deliveries.flatMap(({ event, status }) => (event && status === 200 && event.room?.name === room ? [event] : []))
  }

  /** The first accepted event of that name (and identity) in the room, waiting for it. */
  next(room: string, name: string, identity?: string): Promise<WebhookEvent> {
    return until(`webhook ${name} of ${identity ?? 'anybody'} in ${room}`, () =>
      this.of(room).find((event) => event.event === name && (!identity || event.participant?.identity === identity)),
    )
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
