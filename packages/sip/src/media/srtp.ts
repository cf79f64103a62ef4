import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { rtpHeaderLength } from '@parley/rtp'
import { ReplayWindow } from './replay-window.ts'
import { counterBlock, deriveKeys, masterKeyBytes, type SrtpKeys } from './srtp-keys.ts'

export type SrtpSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32'

const rtcpTagBytes = 10
const maxSources = 8

interface Source {
  window: ReplayWindow
  rtcpWindow: ReplayWindow
}

/** SRTP and SRTCP in one direction with one master key (RFC 3711). `keySalt` is 30 bytes: key, then salt. */
export class SrtpContext {
  readonly #rtp: SrtpKeys
  readonly #rtcp: SrtpKeys
  readonly #tagBytes: number
  readonly #sources = new Map<number, Source>()
  #rtcpIndex = 0

  constructor(suite: SrtpSuite, keySalt: Buffer) {
    const key = keySalt.subarray(0, masterKeyBytes)
    const salt = keySalt.subarray(masterKeyBytes)
    this.#rtp = deriveKeys(key, salt, false)
    this.#rtcp = deriveKeys(key, salt, true)
    this.#tagBytes = suite === 'AES_CM_128_HMAC_SHA1_32' ? 4 : 10
  }

  /** Encrypt and sign an RTP packet of ours; sequence numbers must come in order. */
  protect(packet: Buffer): Buffer {
    const start = rtpHeaderLength(packet)!
    const ssrc = packet.readUInt32BE(8)
    const { window } = this.#source(ssrc)!
    const index = guessIndex(window.highest, packet.readUInt16BE(2))
    window.take(index)
    const data = Buffer.concat([packet.subarray(0, start), crypt(this.#rtp, ssrc, index, packet.subarray(start))])
    return Buffer.concat([data, tagOf(this.#rtp, data, rolloverOf(index), this.#tagBytes)])
  }

  /** Check and decrypt a packet of the peer; nothing when it is forged, replayed or too old. */
  unprotect(packet: Buffer): Buffer | undefined {
    const end = packet.length - this.#tagBytes
    const start = rtpHeaderLength(packet)
    if (start === undefined || start > end) return undefined
    const ssrc = packet.readUInt32BE(8)
    const known = this.#sources.get(ssrc)
    const index = guessIndex(known?.window.highest ?? -1, packet.readUInt16BE(2))
    if (index < 0 || known?.window.fresh(index) === false) return undefined
    const data = packet.subarray(0, end)
    if (!timingSafeEqual(tagOf(this.#rtp, data, rolloverOf(index), this.#tagBytes), packet.subarray(end))) return undefined
    // Only an authentic packet may make a new source or move a window.
    const source = known ?? this.#source(ssrc)
    if (!source) return undefined
    source.window.take(index)
    return Buffer.concat([packet.subarray(0, start), crypt(this.#rtp, ssrc, index, data.subarray(start))])
  }

  /** Encrypt and sign a compound RTCP packet of ours (section 3.4). */
  protectRtcp(packet: Buffer): Buffer {
    const index = this.#rtcpIndex++ & 0x7fffffff
    const trailer = Buffer.alloc(4)
    trailer.writeUInt32BE((index | 0x80000000) >>> 0)
    const body = crypt(this.#rtcp, packet.readUInt32BE(4), index, packet.subarray(8))
    const data = Buffer.concat([packet.subarray(0, 8), body, trailer])
    return Buffer.concat([data, tagOf(this.#rtcp, data, Buffer.alloc(0), rtcpTagBytes)])
  }

  /** Check and decrypt a compound RTCP packet of the peer. */
  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const end = packet.length - rtcpTagBytes
    if (end < 12) return undefined
    const data = packet.subarray(0, end)
    const trailer = packet.readUInt32BE(end - 4)
    const index = trailer & 0x7fffffff
    const ssrc = packet.readUInt32BE(4)
    if (this.#sources.get(ssrc)?.rtcpWindow.fresh(index) === false) return undefined
    if (!timingSafeEqual(tagOf(this.#rtcp, data, Buffer.alloc(0), rtcpTagBytes), packet.subarray(end))) return undefined
    const source = this.#source(ssrc)
    if (!source) return undefined
    source.rtcpWindow.take(index)
    const body = packet.subarray(8, end - 4)
    return Buffer.concat([packet.subarray(0, 8), trailer >>> 31 === 1 ? crypt(this.#rtcp, ssrc, index, body) : body])
  }

  #source(ssrc: number): Source | undefined {
    const known = this.#sources.get(ssrc)
    if (known) return known
    if (this.#sources.size >= maxSources) return undefined
    const source = { window: new ReplayWindow(), rtcpWindow: new ReplayWindow() }
    this.#sources.set(ssrc, source)
    return source
  }
}

/** The packet index nearest to the highest seen with this sequence number (section 3.3.1, appendix A). */
export function guessIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence
  const rollover = Math.floor(highest / 65_536)
  const last = highest % 65_536
  if (last < 32_768 && sequence - last > 32_768) return (rollover - 1) * 65_536 + sequence
  if (last >= 32_768 && last - 32_768 > sequence) return (rollover + 1) * 65_536 + sequence
  return rollover * 65_536 + sequence
}

function rolloverOf(index: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Math.floor(index / 65_536))
  return bytes
}

function crypt(keys: SrtpKeys, ssrc: number, index: number, data: Buffer): Buffer {
  return createCipheriv('aes-128-ctr', keys.encryption, counterBlock(keys.salt, ssrc, index)).update(data)
}

function tagOf(keys: SrtpKeys, data: Buffer, rollover: Buffer, bytes: number): Buffer {
  return createHmac('sha1', keys.authentication).update(data).update(rollover).digest().subarray(0, bytes)
}
