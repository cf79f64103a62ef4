// Just enough RTP (RFC 3550, 8285) and VP8 (RFC 7741) to look like a real sender to a forwarding server.

export const extensionIds = { mid: 1, rid: 2, transport: 3, level: 4 }
const stampMagic = 0x50726c79

/** One outgoing stream: counts, and what its packets say of themselves. */
export interface Stream {
  ssrc: number
  payloadType: number
  mid: string
  rid?: string
  audio: boolean
  sequence: number
  timestamp: number
  packets: number
  octets: number
  pictureId: number
  tl0: number
}

export const newStream = (about: Pick<Stream, 'payloadType' | 'mid' | 'audio'> & { rid?: string }): Stream => ({
  ssrc: (Math.random() * 0xffffffff) >>> 0,
  sequence: Math.floor(Math.random() * 0x7fff),
  timestamp: (Math.random() * 0xffffffff) >>> 0,
  packets: 0,
  octets: 0,
  pictureId: 1,
  tl0: 0,
  ...about,
})

/** An RTP packet of `size` payload bytes with the time now in its last bytes. `first` and `key` shape the VP8 header. */
export function rtpPacket(
  stream: Stream,
  size: number,
  transportSequence: number,
  { first = true, last = true, key = false } = {},
): Buffer {
  const elements: Buffer[] = [element(extensionIds.mid, Buffer.from(stream.mid))]
  if (stream.rid) elements.push(element(extensionIds.rid, Buffer.from(stream.rid)))
  if (stream.audio) elements.push(element(extensionIds.level, Buffer.from([0x80 | 20])))
  else elements.push(element(extensionIds.transport, Buffer.from([(transportSequence >> 8) & 0xff, transportSequence & 0xff])))
  const extensions = Buffer.concat(elements)
  const words = Math.ceil(extensions.length / 4)
  const start = 16 + words * 4
  const packet = Buffer.alloc(start + size)
  packet[0] = 0x90
  packet[1] = stream.payloadType | (last && !stream.audio ? 0x80 : 0)
  packet.writeUInt16BE(stream.sequence, 2)
  stream.sequence = (stream.sequence + 1) & 0xffff
  packet.writeUInt32BE(stream.timestamp, 4)
  packet.writeUInt32BE(stream.ssrc, 8)
  packet.writeUInt16BE(0xbede, 12)
  packet.writeUInt16BE(words, 14)
  extensions.copy(packet, 16)
  if (!stream.audio) {
    packet[start] = 0x80 | (first ? 0x10 : 0)
    packet[start + 1] = 0xe0
    packet.writeUInt16BE(0x8000 | stream.pictureId, start + 2)
    packet[start + 4] = stream.tl0
    packet[start + 5] = 0
    if (first) {
      packet[start + 6] = key ? 0x10 : 0x11
      if (key) Buffer.from([0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]).copy(packet, start + 9)
    }
  }
  stamp(packet)
  stream.packets++
  stream.octets += size
  return packet
}

const element = (id: number, value: Buffer) => Buffer.concat([Buffer.from([(id << 4) | (value.length - 1)]), value])

function stamp(packet: Buffer): void {
  packet.writeUInt32BE(stampMagic, packet.length - 12)
  packet.writeDoubleBE(performance.now(), packet.length - 8)
}

/** Milliseconds since the packet was made, or undefined when it is padding or something else. */
export function age(packet: Buffer): number | undefined {
  if (packet.length < 24 || packet.readUInt32BE(packet.length - 12) !== stampMagic) return undefined
  return performance.now() - packet.readDoubleBE(packet.length - 8)
}

/** SSRCs that the far end asks a keyframe of (PLI and FIR, RFC 4585 and 5104) in a compound RTCP packet. */
export function keyframeRequests(packet: Buffer): number[] {
  const wanted: number[] = []
  for (let at = 0; at + 8 <= packet.length; ) {
    const length = (packet.readUInt16BE(at + 2) + 1) * 4
    const format = packet[at]! & 0x1f
    if (packet[at + 1] === 206 && format === 1 && at + 12 <= packet.length) wanted.push(packet.readUInt32BE(at + 8))
    if (packet[at + 1] === 206 && format === 4 && at + 16 <= packet.length) wanted.push(packet.readUInt32BE(at + 12))
    at += length
  }
  return wanted
}

/** A sender report (RFC 3550 6.4.1). */
export function senderReport(stream: Stream): Buffer {
  const report = Buffer.alloc(28)
  report[0] = 0x80
  report[1] = 200
  report.writeUInt16BE(6, 2)
  report.writeUInt32BE(stream.ssrc, 4)
  const now = Date.now()
  report.writeUInt32BE(Math.floor(now / 1000) + 2208988800, 8)
  report.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 4294967296), 12)
  report.writeUInt32BE(stream.timestamp, 16)
  report.writeUInt32BE(stream.packets, 20)
  report.writeUInt32BE(stream.octets >>> 0, 24)
  return report
}

/** What a receiver keeps of one incoming stream to report on it. */
export interface Incoming {
  highest: number
}

/** Receiver reports without loss for the streams (at most 31), and a REMB (draft-alvestrand-rmcat-remb) of `bitrate`. */
export function receiverReport(own: number, streams: Map<number, Incoming>, bitrate: number): Buffer {
  const blocks = [...streams].slice(0, 31)
  const report = Buffer.alloc(8 + blocks.length * 24)
  report[0] = 0x80 | blocks.length
  report[1] = 201
  report.writeUInt16BE(report.length / 4 - 1, 2)
  report.writeUInt32BE(own, 4)
  blocks.forEach(([ssrc, { highest }], index) => {
    report.writeUInt32BE(ssrc, 8 + index * 24)
    report.writeUInt32BE(highest, 16 + index * 24)
  })
  const named = blocks.slice(0, 31)
  const remb = Buffer.alloc(20 + named.length * 4)
  remb[0] = 0x8f
  remb[1] = 206
  remb.writeUInt16BE(remb.length / 4 - 1, 2)
  remb.writeUInt32BE(own, 4)
  remb.write('REMB', 12)
  const exponent = Math.max(0, Math.ceil(Math.log2(bitrate / 0x3ffff)))
  const mantissa = Math.floor(bitrate / 2 ** exponent)
  remb[16] = named.length
  remb[17] = (exponent << 2) | (mantissa >> 16)
  remb.writeUInt16BE(mantissa & 0xffff, 18)
  named.forEach(([ssrc], index) => {
    remb.writeUInt32BE(ssrc, 20 + index * 4)
  })
  return Buffer.concat([report, remb])
}
