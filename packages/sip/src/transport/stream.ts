import { once } from 'node:events'
import { connect as connectTcp, createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type SecureContextOptions } from 'node:tls'
import { SipParseError } from '../message/errors.ts'
import { StreamFramer } from '../message/stream.ts'
import { type Flow, plainAddress, type Transport, type TransportHandler } from './flow.ts'

/** Bounds on connections, so that strangers cannot hold them all. */
export interface StreamLimits {
  connections: number
  perAddress: number
  /** Milliseconds a connection may take to bring a whole first message, or to finish one it began. */
  messageTimeout: number
}

export interface StreamTransport extends Transport {
  /** A flow over a new connection to the peer, whose certificate must name `host`. Rejects when it cannot connect. */
  connect(address: string, port: number, host?: string): Promise<Flow>
}

const defaultLimits: StreamLimits = { connections: 1_000, perAddress: 50, messageTimeout: 10_000 }

/** What connecting out needs: the name to check the peer's certificate against, and whom to trust. */
export type TlsSettings = SecureContextOptions & { servername?: string; rejectUnauthorized?: boolean }

/** Listen for SIP over TCP, or over TLS when `tls` is given (RFC 3261 section 18). Port 0 takes a free one. */
export async function listenStream(
  handler: TransportHandler,
  address: string,
  port: number,
  tls?: TlsSettings,
  limits: StreamLimits = defaultLimits,
): Promise<StreamTransport> {
  const protocol = tls ? 'tls' : 'tcp'
  const perAddress = new Map<string, number>()
  const sockets = new Set<Socket>()

  const take = (socket: Socket): Flow => {
    sockets.add(socket)
    const remoteAddress = plainAddress(socket.remoteAddress ?? '')
    const flow: Flow = {
      protocol,
      localAddress: address,
      localPort: socket.localPort ?? 0,
      remoteAddress,
      remotePort: socket.remotePort ?? 0,
      get open() {
        return socket.writable
      },
      send: (data) => void (socket.writable && socket.write(data)),
    }
    readMessages(socket, flow, handler, limits)
    socket.on('close', () => sockets.delete(socket))
    return flow
  }

  const accept = (socket: Socket): void => {
    const remote = plainAddress(socket.remoteAddress ?? '')
    const count = perAddress.get(remote) ?? 0
    if (sockets.size >= limits.connections || count >= limits.perAddress || !handler.admit(remote, protocol)) {
      socket.destroy()
      return
    }
    perAddress.set(remote, count + 1)
    socket.on('close', () => {
      const left = (perAddress.get(remote) ?? 1) - 1
      if (left > 0) perAddress.set(remote, left)
      else perAddress.delete(remote)
    })
    take(socket)
  }

  const server: Server = tls ? createTlsServer(tls, accept) : createTcpServer(accept)
  server.on('tlsClientError', () => {})
  server.listen(port, address)
  await once(server, 'listening')
  server.on('error', () => {})
  const bound = server.address()
  return {
    protocol,
    address,
    port: typeof bound === 'object' && bound ? bound.port : port,
    async connect(host, remotePort, name) {
      const socket = tls
        ? connectTls({ host, port: remotePort, ...(name && isIP(name) === 0 ? { servername: name } : {}), ...tls })
        : connectTcp({ host, port: remotePort, timeout: limits.messageTimeout })
      await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(limits.messageTimeout) })
      return take(socket)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function readMessages(socket: Socket, flow: Flow, handler: TransportHandler, limits: StreamLimits): void {
  const framer = new StreamFramer(() => handler.limits(flow.remoteAddress))
  let deadline: NodeJS.Timeout | undefined
  const expect = () => {
    deadline ??= setTimeout(() => socket.destroy(), limits.messageTimeout)
  }
  const relax = () => {
    clearTimeout(deadline)
    deadline = undefined
  }
  expect()
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('close', relax)
  socket.on('data', (chunk: Buffer) => {
    // A double CRLF is a keep-alive, answered with one (RFC 5626 section 4.4.1).
    if (framer.pending === 0 && chunk.length === 4 && chunk.toString('latin1') === '\r\n\r\n') {
      flow.send(Buffer.from('\r\n'))
      return
    }
    try {
      framer.push(chunk)
      for (let message = framer.next(); message; message = framer.next()) {
        if (!handler.admit(flow.remoteAddress, flow.protocol)) {
          // What it sent too much of would have to be cut to be dropped.
          socket.destroy()
          return
        }
        relax()
        handler.message(message, flow)
      }
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error
      handler.broken(flow, error.code)
      socket.destroy()
      return
    }
    if (framer.pending > 0) expect()
    else relax()
  })
}
