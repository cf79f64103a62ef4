/** SSRC our own RTCP comes from: a receiver that sends no media needs one, any will do. */
export const LOCAL_SSRC = 1

/** What a report says of packets received (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  ssrc: number
  /** Since the last report, 0 to 1. */
  fractionLost: number
  /** Since the beginning. */
  lost: number
  /** Highest extended sequence number. */
  highest: number
  /** In timestamp units. */
  jitter: number
  /** Middle 32 bits of the NTP time of the last sender report, 0 before one; and since when, in 1/65536 s. */
  lastSenderReport: number
  delaySinceSenderReport: number
}

/** What a sender says of its stream (RFC 3550 section 6.4.1). */
export interface SenderReport {
  ssrc: number
  ntp: [seconds: number, fraction: number]
  timestamp: number
  packets: number
  octets: number
}

const SR = 200
const RR = 201
const SDES = 202
const BYE = 203
const MAX_BLOCKS = 31
const BLOCK_SIZE = 24

/** A receiver report (RFC 3550 section 6.4.2); at most 31 blocks are taken. */
export function writeReceiverReport(blocks: ReportBlock[], ssrc = LOCAL_SSRC): Buffer {
  const packet = withBlocks(8, RR, blocks)
  packet.writeUInt32BE(ssrc, 4)
  return packet
}

/**
 * A compound packet: a sender report, or a receiver report while nothing was sent, then the CNAME that ties a participant's sound
 * and pictures together, and a BYE at the end of a call.
 */
export function writeReport(sender: SenderReport, blocks: ReportBlock[], cname: string, isLeaving = false): Buffer {
  const parts = [sender.packets > 0 ? senderPart(sender, blocks) : writeReceiverReport(blocks, sender.ssrc)]
  parts.push(cnamePart(sender.ssrc, cname))
  if (isLeaving) {
    const bye = Buffer.alloc(8)
    header(bye, 1, BYE)
    bye.writeUInt32BE(sender.ssrc, 4)
    parts.push(bye)
  }
  return Buffer.concat(parts)
}

function senderPart({ ssrc, ntp, timestamp, packets, octets }: SenderReport, blocks: ReportBlock[]): Buffer {
  const packet = withBlocks(28, SR, blocks)
  for (const [i, word] of [ssrc, ...ntp, timestamp, packets, octets].entries()) packet.writeUInt32BE(word >>> 0, 4 + i * 4)
  return packet
}

function withBlocks(start: number, type: number, blocks: ReportBlock[]): Buffer {
  const count = Math.min(blocks.length, MAX_BLOCKS)
  const packet = Buffer.alloc(start + count * BLOCK_SIZE)
  header(packet, count, type)
  for (let i = 0; i < count; i++) writeBlock(packet, start + i * BLOCK_SIZE, blocks[i]!)
  return packet
}

function writeBlock(packet: Buffer, at: number, block: ReportBlock): void {
  packet.writeUInt32BE(block.ssrc, at)
  packet[at + 4] = Math.min(255, Math.round(block.fractionLost * 256))
  packet.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.lost)), at + 5, 3)
  const words = [block.highest, block.jitter, block.lastSenderReport, block.delaySinceSenderReport]
  for (const [i, word] of words.entries()) packet.writeUInt32BE(word >>> 0, at + 8 + i * 4)
}

function cnamePart(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname).subarray(0, 255)
  const packet = Buffer.alloc(Math.ceil((8 + 2 + name.length + 1) / 4) * 4)
  header(packet, 1, SDES)
  packet.writeUInt32BE(ssrc, 4)
  packet[8] = 1
  packet[9] = name.length
  name.copy(packet, 10)
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

function header(packet: Buffer, count: number, type: number): void {
  packet[0] = 0x80 | count
  packet[1] = type
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
}
