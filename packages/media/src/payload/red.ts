/**
 * Finds the primary block of a RED payload (RFC 2198) at [start, end): returns its start, or -1 when malformed.
 * The primary is the last block and reaches to `end`.
 */
export function primaryBlock(packet: Buffer, start: number, end: number): number {
  let at = start
  let redundant = 0
  while (at < end) {
    if ((packet[at]! & 0x80) === 0) {
      const primary = at + 1 + redundant
      return primary <= end ? primary : -1
    }
    if (at + 4 > end) return -1
    redundant += ((packet[at + 2]! & 3) << 8) | packet[at + 3]!
    at += 4
  }
  return -1
}
