/** Milliseconds of one frame everywhere in this package. */
export const frameMs = 20

/** A sound to play: 8 kHz mono. */
export type Clip = Int16Array

/** Samples of one frame at a rate. */
export function frameSamples(rate: number): number {
  return (rate * frameMs) / 1000
}

/** Clamp to 16 bits. */
export function saturate(value: number): number {
  return Math.max(-32_768, Math.min(32_767, value))
}

/** Root mean square in dBov: 0 is a full-scale square wave, silence gives -127. */
export function levelOf(pcm: Int16Array): number {
  let sum = 0
  for (const sample of pcm) sum += sample * sample
  if (sum === 0 || pcm.length === 0) return -127
  return Math.max(-127, 20 * Math.log10(Math.sqrt(sum / pcm.length) / 32_768))
}

/** PCM out of little-endian bytes. */
export function pcmFromBytes(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int16Array.from({ length: bytes.byteLength >> 1 }, (_, index) => view.getInt16(index * 2, true))
}

/** One after another. */
export function concatPcm(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
