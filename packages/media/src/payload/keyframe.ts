import { Vp8Descriptor } from './vp8.ts'

export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1'

const descriptor = new Vp8Descriptor()

/** Whether the payload at [start, end) begins a frame from which a decoder can start. */
export function beginsKeyframe(codec: VideoCodec, packet: Buffer, start: number, end: number): boolean {
  if (start >= end) return false
  switch (codec) {
    case 'vp8':
      return descriptor.read(packet, start, end) && descriptor.isKeyframe
    case 'h264':
      return isH264Keyframe(packet, start, end)
    case 'vp9':
      return isVp9Keyframe(packet, start, end)
    case 'av1':
      // Aggregation header, N bit: first packet of a coded video sequence.
      return (packet[start]! & 0x08) !== 0
  }
}

const isIdrOrSps = (type: number): boolean => type === 5 || type === 7

/** RFC 6184: IDR or SPS, alone, first of a fragment, or anywhere in a STAP-A. */
function isH264Keyframe(packet: Buffer, start: number, end: number): boolean {
  const type = packet[start]! & 0x1f
  if (type === 28) return start + 1 < end && (packet[start + 1]! & 0x80) !== 0 && isIdrOrSps(packet[start + 1]! & 0x1f)
  if (type !== 24) return isIdrOrSps(type)
  let at = start + 1
  while (at + 2 < end) {
    if (isIdrOrSps(packet[at + 2]! & 0x1f)) return true
    at += 2 + ((packet[at]! << 8) | packet[at + 1]!)
  }
  return false
}

/** RFC 9628: start of a frame (B) that is not inter-predicted (P clear), in the base spatial layer. */
function isVp9Keyframe(packet: Buffer, start: number, end: number): boolean {
  const flags = packet[start]!
  const startsFrame = (flags & 0x08) !== 0
  const isPredicted = (flags & 0x40) !== 0
  if (!startsFrame || isPredicted) return false
  if ((flags & 0x20) === 0) return true
  let at = start + 1
  if ((flags & 0x80) !== 0) {
    if (at >= end) return false
    at += (packet[at]! & 0x80) !== 0 ? 2 : 1
  }
  return at < end && ((packet[at]! >> 1) & 7) === 0
}
