import type { FastifyReply, FastifyRequest } from 'fastify'

/** Proxies close what is silent for a minute. */
const heartbeatMs = 15_000
/** Bytes a client may leave unread before it is let go: it reads too slowly to follow. */
const mostUnread = 4 * 1024 * 1024

export interface EventStream {
  send(event: string, data: unknown): void
  end(): void
}

/** Turn an answer into `text/event-stream` (WHATWG HTML 9.2). `onClose` is called once, when it ends for any reason. */
export function openStream(request: FastifyRequest, reply: FastifyReply, onClose: () => void): EventStream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Accel-Buffering': 'no',
  })
  raw.write(': open\n\n')
  request.raw.socket.setNoDelay(true)
  const timer = setInterval(() => raw.write(':\n\n'), heartbeatMs).unref()
  raw.once('close', () => {
    clearInterval(timer)
    onClose()
  })
  raw.on('error', () => raw.destroy())
  return {
    send: (event, data) => {
      if (raw.writableEnded || raw.destroyed) return
      raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (raw.writableLength > mostUnread) raw.destroy()
    },
    end: () => {
      if (!raw.writableEnded) raw.end()
    },
  }
}
