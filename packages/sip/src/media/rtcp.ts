/** What a report says of packets received (RFC 3550 section 6.4.1). */
export interface ReceptionReport {
  ssrc: number
  fractionLost: number
  lost: number
  highest: number
  jitter: number
  lastSenderReport: number
  delaySinceSenderReport: number
}

export interface SenderReport {
  ssrc: number
  /** Seconds since 1900 as 32.32 fixed point, in two words. */
  ntp: [seconds: number, fraction: number]
  timestamp: number
  packets: number
  octets: number
}

/** What was found in one RTCP datagram. */
export interface RtcpReport {
  sender?: SenderReport
  receptions: ReceptionReport[]
  bye: boolean
}

const sr = 200
const rr = 201
const sdes = 202
const bye = 203

/** Read a compound RTCP datagram; parts that do not fit end the reading. */
export function parseRtcp(data: Buffer): RtcpReport {
  const report: RtcpReport = { receptions: [], bye: false }
  for (let offset = 0; offset + 8 <= data.length; ) {
    if (data[offset]! >> 6 !== 2) break
    const length = (data.readUInt16BE(offset + 2) + 1) * 4
    if (offset + length > data.length) break
    const part = data.subarray(offset, offset + length)
    const type = part[1]!
    if (type === sr && length >= 28) report.sender = readSender(part)
    if (type === sr || type === rr) readReceptions(part, type === sr ? 28 : 8, report.receptions)
    if (type === bye) report.bye = true
    offset += length
  }
  return report
}

function readSender(part: Buffer): SenderReport {
  return {
    ssrc: part.readUInt32BE(4),
    ntp: [part.readUInt32BE(8), part.readUInt32BE(12)],
    timestamp: part.readUInt32BE(16),
    packets: part.readUInt32BE(20),
    octets: part.readUInt32BE(24),
  }
}

function readReceptions(part: Buffer, from: number, into: ReceptionReport[]): void {
  const count = part[0]! & 0x1f
  for (let at = from, index = 0; index < count && at + 24 <= part.length; index++, at += 24) {
    into.push({
      ssrc: part.readUInt32BE(at),
      fractionLost: part[at + 4]! / 256,
      lost: part.readIntBE(at + 5, 3),
      highest: part.readUInt32BE(at + 8),
      jitter: part.readUInt32BE(at + 12),
      lastSenderReport: part.readUInt32BE(at + 16),
      delaySinceSenderReport: part.readUInt32BE(at + 20),
    })
  }
}

/** Write SR (or RR when nothing has been sent) with SDES CNAME, and BYE at the end of a call. */
export function formatRtcp(sender: SenderReport, reception: ReceptionReport | undefined, cname: string, leaving = false): Buffer {
  const parts = [reportPart(sender, reception), cnamePart(sender.ssrc, cname)]
  if (leaving) {
    const part = Buffer.alloc(8)
    header(part, 1, bye)
    part.writeUInt32BE(sender.ssrc, 4)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function header(part: Buffer, count: number, type: number): void {
  part[0] = 0x80 | count
  part[1] = type
  part.writeUInt16BE(part.length / 4 - 1, 2)
}

function reportPart(sender: SenderReport, reception: ReceptionReport | undefined): Buffer {
  const sending = sender.packets > 0
  const start = sending ? 28 : 8
  const part = Buffer.alloc(start + (reception ? 24 : 0))
  header(part, reception ? 1 : 0, sending ? sr : rr)
  part.writeUInt32BE(sender.ssrc, 4)
  if (sending) {
    const words = [...sender.ntp, sender.timestamp, sender.packets, sender.octets]
    for (const [index, word] of words.entries()) part.writeUInt32BE(word >>> 0, 8 + index * 4)
  }
  if (reception) {
    part.writeUInt32BE(reception.ssrc, start)
    part[start + 4] = Math.min(255, Math.round(reception.fractionLost * 256))
    part.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, reception.lost)), start + 5, 3)
    const words = [reception.highest, reception.jitter, reception.lastSenderReport, reception.delaySinceSenderReport]
    for (const [index, word] of words.entries()) part.writeUInt32BE(word >>> 0, start + 8 + index * 4)
  }
  return part
}

function cnamePart(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname).subarray(0, 255)
  const part = Buffer.alloc(Math.ceil((8 + 2 + name.length + 1) / 4) * 4)
  header(part, 1, sdes)
  part.writeUInt32BE(ssrc, 4)
  part[8] = 1
  part[9] = name.length
  name.copy(part, 10)
  return part
}

/** Now as NTP time. `now` in milliseconds since 1970. */
export function ntpTime(now: number): [seconds: number, fraction: number] {
  const seconds = Math.floor(now / 1000)
  return [(seconds + 2_208_988_800) >>> 0, Math.floor(((now - seconds * 1000) / 1000) * 2 ** 32)]
}
