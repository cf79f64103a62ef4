/** SSRC our own RTCP comes from: a receiver that sends no media needs one, any will do. */
export const LOCAL_SSRC = 1

/** Seconds between the NTP epoch (1900) and Unix's. */
const NTP_OFFSET = 2_208_988_800

export interface ReportBlock {
  ssrc: number
  /** In 1/256. */
  fractionLost: number
  lost: number
  highestSequence: number
  jitter: number
  lastSr: number
  delaySinceLastSr: number
}

/** A receiver report (RFC 3550 section 6.4.2); at most 31 blocks are taken. */
export function writeReceiverReport(blocks: ReportBlock[]): Buffer {
  const count = Math.min(blocks.length, 31)
  const packet = Buffer.alloc(8 + count * 24)
  header(packet, count, 201)
  packet.writeUInt32BE(LOCAL_SSRC, 4)
  for (let i = 0; i < count; i++) {
    const block = blocks[i]!
    const at = 8 + i * 24
    packet.writeUInt32BE(block.ssrc, at)
    packet[at + 4] = block.fractionLost
    packet.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.lost)), at + 5, 3)
    packet.writeUInt32BE(block.highestSequence >>> 0, at + 8)
    packet.writeUInt32BE(block.jitter >>> 0, at + 12)
    packet.writeUInt32BE(block.lastSr, at + 16)
    packet.writeUInt32BE(block.delaySinceLastSr >>> 0, at + 20)
  }
  return packet
}

/** A sender report with the CNAME that ties a participant's audio and video together for lip sync. */
export function writeSenderReport(
  ssrc: number,
  ntpHigh: number,
  ntpLow: number,
  rtpTimestamp: number,
  packets: number,
  octets: number,
  cname: string,
): Buffer {
  const name = Buffer.from(cname.slice(0, 200))
  const sdesSize = 8 + Math.ceil((2 + name.length + 1) / 4) * 4
  const packet = Buffer.alloc(28 + sdesSize)
  header(packet.subarray(0, 28), 0, 200)
  packet.writeUInt32BE(ssrc, 4)
  packet.writeUInt32BE(ntpHigh, 8)
  packet.writeUInt32BE(ntpLow, 12)
  packet.writeUInt32BE(rtpTimestamp >>> 0, 16)
  packet.writeUInt32BE(packets >>> 0, 20)
  packet.writeUInt32BE(octets >>> 0, 24)
  const sdes = packet.subarray(28)
  header(sdes, 1, 202)
  sdes.writeUInt32BE(ssrc, 4)
  sdes[8] = 1
  sdes[9] = name.length
  name.copy(sdes, 10)
  return packet
}

/** A generic NACK (RFC 4585 section 6.2.1) for sequence numbers in ascending order. */
export function writeNack(ssrc: number, sequences: number[]): Buffer {
  const items: number[] = []
  let first = -1
  for (const sequence of sequences) {
    const offset = (sequence - first - 1) & 0xffff
    if (first >= 0 && offset < 16) items[items.length - 1]! |= 1 << offset
    else {
      items.push(sequence, 0)
      first = sequence
    }
  }
  const packet = Buffer.alloc(12 + items.length * 2)
  header(packet, 1, 205)
  packet.writeUInt32BE(LOCAL_SSRC, 4)
  packet.writeUInt32BE(ssrc, 8)
  for (let i = 0; i < items.length; i++) packet.writeUInt16BE(items[i]! & 0xffff, 12 + i * 2)
  return packet
}

/** A picture loss indication (RFC 4585 section 6.3.1). */
export function writePli(ssrc: number): Buffer {
  const packet = Buffer.alloc(12)
  header(packet, 1, 206)
  packet.writeUInt32BE(LOCAL_SSRC, 4)
  packet.writeUInt32BE(ssrc, 8)
  return packet
}

/** Milliseconds since the Unix epoch as the two halves of an NTP timestamp. */
export function ntpTime(unixMs: number): [high: number, low: number] {
  const seconds = unixMs / 1000 + NTP_OFFSET
  const whole = Math.floor(seconds)
  return [whole >>> 0, Math.floor((seconds - whole) * 0x100000000) >>> 0]
}

function header(packet: Buffer, count: number, type: number): void {
  packet[0] = 0x80 | count
  packet[1] = type
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
}
