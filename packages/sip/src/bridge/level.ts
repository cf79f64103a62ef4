/**
 * How loud an RTP packet says it is (RFC 6464), 0 the loudest to 127 silence; nothing when it does not say.
 * `id` is the extension's, in the one-byte form of RFC 8285.
 */
export function readLevel(packet: Uint8Array, id: number): number | undefined {
  if (id === 0 || packet.length < 16 || (packet[0]! & 0x10) === 0) return undefined
  const start = 12 + (packet[0]! & 0x0f) * 4
  if (start + 4 > packet.length || packet[start] !== 0xbe || packet[start + 1] !== 0xde) return undefined
  const end = Math.min(packet.length, start + 4 + ((packet[start + 2]! << 8) | packet[start + 3]!) * 4)
  for (let at = start + 4; at < end; ) {
    const head = packet[at]!
    if (head === 0) {
      at++
      continue
    }
    if (head >> 4 === 15) return undefined
    if (head >> 4 === id && at + 1 < end) return packet[at + 1]! & 0x7f
    at += (head & 0x0f) + 2
  }
  return undefined
}
