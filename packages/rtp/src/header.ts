/** A parsed RTP header (RFC 3550 section 5.1). One object is reused for every packet, so never keep it. */
export class RtpHeader {
  payloadType = 0
  marker = false
  sequence = 0
  timestamp = 0
  ssrc = 0
  /** Extension profile (0xBEDE or 0x100x), 0 without an extension; its elements are [extensionStart, extensionEnd). */
  profile = 0
  extensionStart = 0
  extensionEnd = 0
  /** The payload without padding is [payloadStart, payloadEnd). */
  payloadStart = 0
  payloadEnd = 0

  /** Reads the header of `packet`. Returns false when it is not a well-formed RTP packet. */
  read(packet: Buffer): boolean {
    const size = packet.length
    if (size < 12) return false
    const first = packet[0]!
    if (first >> 6 !== 2) return false
    let at = 12 + (first & 15) * 4
    if (at > size) return false
    const second = packet[1]!
    this.marker = second > 127
    this.payloadType = second & 127
    this.sequence = (packet[2]! << 8) | packet[3]!
    this.timestamp = ((packet[4]! << 24) | (packet[5]! << 16) | (packet[6]! << 8) | packet[7]!) >>> 0
    this.ssrc = ((packet[8]! << 24) | (packet[9]! << 16) | (packet[10]! << 8) | packet[11]!) >>> 0
    this.profile = 0
    this.extensionStart = at
    this.extensionEnd = at
    if ((first & 16) !== 0) {
      if (at + 4 > size) return false
      this.profile = (packet[at]! << 8) | packet[at + 1]!
      const length = ((packet[at + 2]! << 8) | packet[at + 3]!) * 4
      at += 4
      this.extensionStart = at
      at += length
      if (at > size) return false
      this.extensionEnd = at
    }
    this.payloadStart = at
    let end = size
    if ((first & 32) !== 0) {
      const padding = packet[size - 1]!
      if (padding === 0 || at + padding > size) return false
      end -= padding
    }
    this.payloadEnd = end
    return true
  }
}

/**
 * Bytes of the RTP header with CSRCs and extension; undefined when the packet is not RTP. For packets whose payload cannot be read
 * yet (SRTP): padding is not looked at.
 */
export function rtpHeaderLength(packet: Buffer): number | undefined {
  if (packet.length < 12 || packet[0]! >> 6 !== 2) return undefined
  let length = 12 + (packet[0]! & 15) * 4
  if ((packet[0]! & 16) !== 0) {
    if (packet.length < length + 4) return undefined
    length += 4 + packet.readUInt16BE(length + 2) * 4
  }
  return length <= packet.length ? length : undefined
}

/** RFC 5761 section 4: whether the packet is RTCP rather than RTP. */
export function isRtcp(packet: Buffer): boolean {
  if (packet.length < 8) return false
  const type = packet[1]!
  return packet[0]! >> 6 === 2 && type >= 192 && type <= 223
}
