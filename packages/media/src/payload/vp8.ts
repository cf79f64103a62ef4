/** Where the rewritable fields of a VP8 payload descriptor lie (RFC 7741 section 4.2). One object is reused. */
export class Vp8Descriptor {
  /** Absolute offsets in the packet, -1 where the field is absent. */
  pictureIdOffset = -1
  tl0Offset = -1
  /** 15-bit (two bytes) or 7-bit (one byte) PictureID. */
  isLongPictureId = false
  pictureId = 0
  tl0PicIdx = 0
  isKeyframe = false
  /** Temporal layer, 0 when there are none; and whether from this frame on it can be followed (Y bit). */
  temporal = 0
  isSync = false

  /** Reads the descriptor at [start, end). Returns false when it is cut short. */
  read(packet: Buffer, start: number, end: number): boolean {
    this.pictureIdOffset = -1
    this.tl0Offset = -1
    this.isKeyframe = false
    this.temporal = 0
    this.isSync = false
    if (start >= end) return false
    const first = packet[start]!
    let at = start + 1
    if ((first & 0x80) !== 0) {
      if (at >= end) return false
      const flags = packet[at++]!
      if ((flags & 0x80) !== 0) {
        if (at >= end) return false
        this.pictureIdOffset = at
        this.isLongPictureId = (packet[at]! & 0x80) !== 0
        if (this.isLongPictureId) {
          if (at + 1 >= end) return false
          this.pictureId = ((packet[at]! & 0x7f) << 8) | packet[at + 1]!
          at += 2
        } else this.pictureId = packet[at++]!
      }
      if ((flags & 0x40) !== 0) {
        if (at >= end) return false
        this.tl0Offset = at
        this.tl0PicIdx = packet[at++]!
      }
      if ((flags & 0x30) !== 0) {
        if (at >= end) return false
        if ((flags & 0x20) !== 0) {
          this.temporal = packet[at]! >> 6
          this.isSync = (packet[at]! & 0x20) !== 0
        }
        at++
      }
    }
    if (at >= end) return false
    // S bit set and partition 0, then the frame's own first byte: bit 0 clear means key frame.
    this.isKeyframe = (first & 0x1f) === 0x10 && (packet[at]! & 1) === 0
    return true
  }
}
