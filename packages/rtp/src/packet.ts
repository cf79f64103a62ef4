import { RtpHeader } from './header.ts'

/** One RTP packet (RFC 3550 section 5.1). */
export interface RtpPacket {
  marker: boolean
  payloadType: number
  sequence: number
  timestamp: number
  ssrc: number
  payload: Buffer
}

const header = new RtpHeader()

/** Reads an RTP packet; undefined when it is none. The payload is a view of `data`. */
export function parseRtp(data: Buffer): RtpPacket | undefined {
  if (!header.read(data)) return undefined
  const { marker, payloadType, sequence, timestamp, ssrc } = header
  return { marker, payloadType, sequence, timestamp, ssrc, payload: data.subarray(header.payloadStart, header.payloadEnd) }
}

/** Writes an RTP packet without CSRCs, extension or padding. */
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
