/** A packet prepared for subscribers with equal extension ids; the numbers are filled in for each. Reused, never kept. */
export class PreparedPacket {
  packet: Buffer = Buffer.alloc(0)
  codec = ''
  /** 0x80 when the marker is set. */
  markerBit = 0
  timestamp = 0
  /** Offsets in bytes; -1 where there is no such field. */
  payloadAt = 0
  transportSequenceAt = -1
  pictureIdAt = -1
  tl0At = -1
  /** Bytes. */
  payloadSize = 0
  isKeyframe = false
  pictureId = 0
  tl0PicIdx = 0
  /** Temporal layer, 0 without layers; and whether it can be followed from this frame on. */
  temporal = 0
  isSync = false

  /** Nothing is known of the payload yet, and nothing is left of the last one's. */
  reset(): void {
    this.transportSequenceAt = -1
    this.pictureIdAt = -1
    this.tl0At = -1
    this.isKeyframe = false
    this.pictureId = 0
    this.tl0PicIdx = 0
    this.temporal = 0
    this.isSync = false
  }
}
