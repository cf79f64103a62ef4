import type { FastifyReply, FastifyRequest } from 'fastify'

/** Proxies close what is silent for a minute. */
const heartbeatMs = 15_000
/** Bytes a client may leave unread before it is let go: it reads too slowly to follow. */
const mostUnread = 4 * 1024 * 1024

/** After an event the next ones are gathered this long: two hundred people coming at once are few packets to each page. */
const gatherMs = 50

export interface ServerSentEvents {
  send(event: string, data: unknown, id?: number): void
  end(): void
}

/** Turn an answer into `text/event-stream` (WHATWG HTML 9.2). `onClose` is called once, when it ends for any reason. */
export function openStream(request: FastifyRequest, reply: FastifyReply, onClose: () => void): ServerSentEvents {
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
  let gathered = ''
  let gathering: NodeJS.Timeout | undefined
  const write = (text: string) => {
    if (raw.writableEnded || raw.destroyed) return
    raw.write(text)
    if (raw.writableLength > mostUnread) raw.destroy()
  }
  const flush = () => {
    gathering = undefined
    if (gathered === '') return
    const text = gathered
    gathered = ''
    gathering = setTimeout(flush, gatherMs).unref()
    write(text)
  }
  raw.once('close', () => {
    clearInterval(timer)
    clearTimeout(gathering)
    onClose()
  })
  raw.on('error', () => raw.destroy())
  return {
    send: (event, data, id) => {
      gathered += `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      if (gathering === undefined) flush()
    },
    end: () => {
      clearTimeout(gathering)
      flush()
      if (!raw.writableEnded) raw.end()
    },
  }
}
