import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Config } from '../config/config.ts'

/**
 * The origin by which a client reached us, if it is one of ours; else the one of the server's own it came in by.
 * The Host header is the client's word, so it only chooses among names that are already ours.
 */
export function originOf(request: { raw: IncomingMessage }, config: Config): string {
  const secure = (request.raw.socket as TLSSocket).encrypted === true
  const own = secure ? config.httpsBaseUrl : config.baseUrl
  const host = request.raw.headers.host?.toLowerCase()
  if (host === undefined) return own
  if (new URL(config.publicUrl).host === host) return config.publicUrl
  const port = secure ? config.httpsPort : config.port
  const ours = ['localhost', '127.0.0.1', '[::1]', config.host].some((name) => host === `${name}:${port}`)
  return ours ? `${secure ? 'https' : 'http'}://${host}` : own
}
