import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Seconds a body may take, but for files: at most a megabyte, for which a slow telephone needs less. */
const bodySeconds = 30

/**
 * End requests whose body does not arrive in time: Node gives five minutes, in which half a megabyte of each stays in
 * memory. `isUpload` names those that stream to disk.
 */
export function limitBodyTime(app: FastifyInstance, isUpload: (url: string) => boolean, milliseconds = bodySeconds * 1000): void {
  app.addHook('onRequest', async ({ raw, url }) => {
    if (!hasBody(raw) || isUpload(url)) return
    const timer = setTimeout(() => {
      if (raw.complete) return
      raw.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      raw.socket.destroySoon()
    }, milliseconds)
    timer.unref()
    raw.once('close', () => clearTimeout(timer))
    raw.once('end', () => clearTimeout(timer))
  })
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
