import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config.ts'
import { SettingError, type SettingName } from '../config/settings.ts'
import type { TlsFiles } from './certificates.ts'

/** What takes its share of requests and upgrades before anything else does. */
export interface FrontHandler {
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  close(): Promise<void>
}

/** Both ports; what one answers the other answers too. */
export interface Listeners {
  servers: readonly Server[]
  /** Stop accepting, let answers under way finish, and end idle connections. */
  close(): Promise<void>
}

const graceMs = 3_000
/** Longer than proxies and clients keep an idle connection, so that it is they who close it and no request is lost. */
const keepAliveMs = 72_000

/** A free TCP port on an address, for settings that say 0. Throws SettingError when the address is not this machine's. */
export async function freePort(host: string): Promise<number> {
  const server = createTcpServer()
  await bind(server, 'PARLEY_PORT', 0, host)
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Listen on both ports. Throws SettingError when one is taken. */
export async function listen(
  app: FastifyInstance,
  config: Config,
  tls: TlsFiles,
  front: FrontHandler | null = null,
): Promise<Listeners> {
  await app.ready()
  const answer: RequestListener = (request, response) => {
    if (front?.handleRequest(request, response) !== true) app.routing(request, response)
  }
  const http = createServer(answer)
  const https = createHttpsServer({ cert: tls.cert, key: tls.key }, answer)
  for (const server of [http, https]) {
    server.keepAliveTimeout = keepAliveMs
    server.on('upgrade', (request, socket, head) => {
      if (front?.handleUpgrade(request, socket, head) !== true) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    })
  }
  const listeners = { servers: [http, https], close: () => closeAll([http, https]) }
  try {
    await bind(http, 'PARLEY_PORT', config.port, config.host)
    await bind(https, 'PARLEY_HTTPS_PORT', config.httpsPort, config.host)
  } catch (error) {
    await listeners.close()
    throw error
  }
  return listeners
}

async function bind(server: TcpServer, setting: SettingName, port: number, host: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EADDRINUSE') throw new SettingError(setting, `${port} is in use by another program`)
    if (code === 'EACCES') throw new SettingError(setting, `${port} may not be used by this user`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new SettingError('PARLEY_HOST', 'is no address of this machine')
    throw error
  }
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  const timer = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, graceMs)
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()))),
  )
  clearTimeout(timer)
}
