import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** The address this machine uses towards another one; no packet is sent. Falls back to loopback. */
export async function localAddressFor(remote: string): Promise<string> {
  const socket = createSocket(isIPv6(remote) ? 'udp6' : 'udp4')
  try {
    socket.connect(9, remote)
    await once(socket, 'connect')
    return socket.address().address
  } catch {
    return isIPv6(remote) ? '::1' : '127.0.0.1'
  } finally {
    socket.close()
  }
}

/** Whether a bound address means all addresses. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
