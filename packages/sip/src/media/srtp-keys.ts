import { createCipheriv } from 'node:crypto'

/** Session keys of one direction (RFC 3711 section 4.3). */
export interface SrtpKeys {
  encryption: Buffer
  authentication: Buffer
  salt: Buffer
}

export const masterKeyBytes = 16
export const masterSaltBytes = 14

function derive(master: Buffer, salt: Buffer, label: number, length: number): Buffer {
  const iv = Buffer.alloc(16)
  salt.copy(iv)
  iv[7]! ^= label
  return createCipheriv('aes-128-ctr', master, iv).update(Buffer.alloc(length))
}

/** Derive the keys for RTP, or for RTCP, from master key and salt; the key derivation rate is zero. */
export function deriveKeys(master: Buffer, salt: Buffer, rtcp: boolean): SrtpKeys {
  const base = rtcp ? 3 : 0
  return {
    encryption: derive(master, salt, base, 16),
    authentication: derive(master, salt, base + 1, 20),
    salt: derive(master, salt, base + 2, 14),
  }
}

/** The counter block a packet is encrypted with (section 4.1.1). `index` is the 48-bit packet index. */
export function counterBlock(salt: Buffer, ssrc: number, index: number): Buffer {
  const iv = Buffer.alloc(16)
  salt.copy(iv)
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4)
  const high = Math.floor(index / 2 ** 16)
  iv.writeUInt32BE((iv.readUInt32BE(8) ^ high) >>> 0, 8)
  iv.writeUInt16BE(iv.readUInt16BE(12) ^ (index & 0xffff), 12)
  return iv
}
