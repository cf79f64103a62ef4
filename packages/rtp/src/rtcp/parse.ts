/** What parseRtcp found; only the handlers that are set are called. */
export interface RtcpHandlers {
  /** ntp: 64-bit NTP time as two 32-bit halves. */
  senderReport?(ssrc: number, ntpHigh: number, ntpLow: number, rtpTimestamp: number, packets: number, octets: number): void
  /** fractionLost in 1/256, jitter in timestamp units, the last two in 1/65536 s (RFC 3550 section 6.4.1). */
  report?(
    ssrc: number,
    fractionLost: number,
    lost: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
    highest: number,
  ): void
  nack?(ssrc: number, sequence: number): void
  keyframeRequest?(ssrc: number): void
  /** Receiver's estimate in bits per second. */
  remb?(bitrate: number): void
  /** A transport-wide feedback message: offset of the packet and its end. */
  transportFeedback?(packet: Buffer, start: number, end: number): void
  bye?(ssrc: number): void
}

/** Walks a compound RTCP packet (RFC 3550, 4585, 5104). Returns false when it is malformed; what came before was delivered. */
export function parseRtcp(packet: Buffer, handlers: RtcpHandlers): boolean {
  let at = 0
  const size = packet.length
  while (at < size) {
    if (at + 4 > size || packet[at]! >> 6 !== 2) return false
    const count = packet[at]! & 31
    const type = packet[at + 1]!
    const end = at + 4 + packet.readUInt16BE(at + 2) * 4
    if (end > size) return false
    if (!parseOne(packet, at, end, count, type, handlers)) return false
    at = end
  }
  return true
}

function parseOne(packet: Buffer, at: number, end: number, count: number, type: number, handlers: RtcpHandlers): boolean {
  switch (type) {
    case 200: {
      if (at + 28 > end) return false
      const ssrc = packet.readUInt32BE(at + 4)
      handlers.senderReport?.(
        ssrc,
        packet.readUInt32BE(at + 8),
        packet.readUInt32BE(at + 12),
        packet.readUInt32BE(at + 16),
        packet.readUInt32BE(at + 20),
        packet.readUInt32BE(at + 24),
      )
      return parseReports(packet, at + 28, end, count, handlers)
    }
    case 201:
      return parseReports(packet, at + 8, end, count, handlers)
    case 203:
      if (at + 4 + count * 4 > end) return false
      for (let i = 0; i < count; i++) handlers.bye?.(packet.readUInt32BE(at + 4 + i * 4))
      return true
    case 205:
      return parseTransportFeedback(packet, at, end, count, handlers)
    case 206:
      return parsePayloadFeedback(packet, at, end, count, handlers)
    default:
      return true
  }
}

function parseReports(packet: Buffer, start: number, end: number, count: number, handlers: RtcpHandlers): boolean {
  if (start + count * 24 > end) return false
  for (let at = start; at < start + count * 24; at += 24) {
    handlers.report?.(
      packet.readUInt32BE(at),
      packet[at + 4]!,
      packet.readIntBE(at + 5, 3),
      packet.readUInt32BE(at + 12),
      packet.readUInt32BE(at + 16),
      packet.readUInt32BE(at + 20),
      packet.readUInt32BE(at + 8),
    )
  }
  return true
}

function parseTransportFeedback(packet: Buffer, at: number, end: number, format: number, handlers: RtcpHandlers): boolean {
  if (at + 12 > end) return false
  if (format === 15) handlers.transportFeedback?.(packet, at, end)
  if (format !== 1 || handlers.nack === undefined) return true
  const ssrc = packet.readUInt32BE(at + 8)
  for (let item = at + 12; item + 4 <= end; item += 4) {
    const first = packet.readUInt16BE(item)
    const mask = packet.readUInt16BE(item + 2)
    handlers.nack(ssrc, first)
    for (let bit = 0; bit < 16; bit++) {
      if ((mask & (1 << bit)) !== 0) handlers.nack(ssrc, (first + bit + 1) & 0xffff)
    }
  }
  return true
}

function parsePayloadFeedback(packet: Buffer, at: number, end: number, format: number, handlers: RtcpHandlers): boolean {
  if (at + 12 > end) return false
  if (format === 1) handlers.keyframeRequest?.(packet.readUInt32BE(at + 8))
  else if (format === 4) {
    for (let item = at + 12; item + 8 <= end; item += 8) handlers.keyframeRequest?.(packet.readUInt32BE(item))
  } else if (format === 15 && at + 20 <= end && packet.readUInt32BE(at + 12) === 0x52454d42) {
    const exponent = packet[at + 17]! >> 2
    const mantissa = ((packet[at + 17]! & 3) << 16) | packet.readUInt16BE(at + 18)
    handlers.remb?.(mantissa * 2 ** exponent)
  }
  return true
}
