import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { type Flow, plainAddress, type Transport, type TransportHandler } from './flow.ts'

export interface UdpTransport extends Transport {
  /** A flow towards an address nothing has come from yet. */
  flowTo(address: string, port: number): Flow
}

/** Listen for SIP over UDP. Port 0 takes a free one. Rejects when the port cannot be had. */
export async function listenUdp(handler: TransportHandler, address: string, port: number): Promise<UdpTransport> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  const flowTo = (remoteAddress: string, remotePort: number): Flow => ({
    protocol: 'udp',
    localAddress: address,
    localPort: socket.address().port,
    remoteAddress: plainAddress(remoteAddress),
    remotePort,
    open: true,
    // An unreachable peer is found by the transaction's timers.
    send: (data, port = remotePort) => socket.send(data, port, remoteAddress, () => {}),
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  socket.on('error', () => {})
  socket.on('message', (data, remote) => {
    // Four bytes or fewer are NAT keep-alives (RFC 5626 section 3.5.1 and common practice).
    const address = plainAddress(remote.address)
    if (data.length <= 4 || !handler.admit(address, 'udp')) return
    if (data.length > handler.limits(address).messageBytes) {
      handler.broken(flowTo(remote.address, remote.port), 'too-large')
      return
    }
    handler.message(data, flowTo(remote.address, remote.port))
  })
  return {
    protocol: 'udp',
    address,
    port: socket.address().port,
    flowTo,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
