import type { OutgoingMessage } from './message.ts'
import { isToken } from './scan.ts'

/**
 * Write a message (RFC 3261 section 7), Content-Length computed. Throws TypeError when a part could break the
 * message apart (a line end in a value): that is a fault of ours, never of the peer.
 */
export function serialize(message: OutgoingMessage): Buffer {
  const lines = [
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason || ' '}`.trimEnd(),
  ]
  for (const [name, value] of message.headers) {
    if (name === 'Content-Length') continue
    if (!isToken(name)) throw new TypeError(`not a header name: ${JSON.stringify(name)}`)
    lines.push(`${name}: ${value}`)
  }
  lines.push(`Content-Length: ${message.body.length}`)
  for (const line of lines) if (/[\r\n\0]/.test(line)) throw new TypeError(`line end inside ${line.split(/[: ]/, 1)[0]}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), message.body])
}
