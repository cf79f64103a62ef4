import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Config } from '../config/config.ts'

/** What is asked of a request; `host` and `ips` know of trusted proxies. */
interface Reached {
  raw: IncomingMessage
  host?: string
  ips?: string[] | undefined
}

/**
 * The origin by which a client reached us, if it is one of ours; else the one of the server's own it came in by.
 * The Host header is the client's word, so it only chooses among names that are already ours. Through a trusted proxy
 * there is only one: the public one.
 */
export function originOf(request: Reached, config: Config): string {
  if ((request.ips?.length ?? 0) > 1) return config.publicUrl
  const secure = (request.raw.socket as TLSSocket).encrypted === true
  const own = secure ? config.httpsBaseUrl : config.baseUrl
  const host = (request.host ?? request.raw.headers.host)?.toLowerCase()
  if (host === undefined) return own
  if (new URL(config.publicUrl).host === host) return config.publicUrl
  const port = secure ? config.httpsPort : config.port
  const ours = ['localhost', '127.0.0.1', '[::1]', config.host].some((name) => host === `${name}:${port}`)
  return ours ? `${secure ? 'https' : 'http'}://${host}` : own
}
