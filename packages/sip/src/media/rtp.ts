/** One RTP packet (RFC 3550 section 5.1). */
export interface RtpPacket {
  marker: boolean
  payloadType: number
  sequence: number
  timestamp: number
  ssrc: number
  payload: Buffer
}

/** Length of the RTP header with CSRCs and extension, or nothing when the packet is not RTP. */
export function rtpHeaderLength(data: Buffer): number | undefined {
  if (data.length < 12 || data[0]! >> 6 !== 2) return undefined
  let length = 12 + (data[0]! & 0x0f) * 4
  if (data[0]! & 0x10) {
    if (data.length < length + 4) return undefined
    length += 4 + data.readUInt16BE(length + 2) * 4
  }
  return length <= data.length ? length : undefined
}

/** Read an RTP packet; nothing when it is none. */
export function parseRtp(data: Buffer): RtpPacket | undefined {
  const start = rtpHeaderLength(data)
  if (start === undefined) return undefined
  let end = data.length
  if (data[0]! & 0x20) {
    const padding = data[end - 1]!
    if (padding === 0 || padding > end - start) return undefined
    end -= padding
  }
  return {
    marker: (data[1]! & 0x80) !== 0,
    payloadType: data[1]! & 0x7f,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(start, end),
  }
}

/** Write an RTP packet without CSRCs, extension or padding. */
export function formatRtp(packet: RtpPacket): Buffer {
  const data = Buffer.allocUnsafe(12 + packet.payload.length)
  data[0] = 0x80
  data[1] = (packet.marker ? 0x80 : 0) | packet.payloadType
  data.writeUInt16BE(packet.sequence, 2)
  data.writeUInt32BE(packet.timestamp, 4)
  data.writeUInt32BE(packet.ssrc, 8)
  packet.payload.copy(data, 12)
  return data
}

/** Whether a datagram on a shared port is RTCP (RFC 5761 section 4). */
export function isRtcp(data: Buffer): boolean {
  return data.length >= 8 && data[0]! >> 6 === 2 && data[1]! >= 192 && data[1]! <= 223
}
