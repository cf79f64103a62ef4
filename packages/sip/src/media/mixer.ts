import { saturate } from './pcm.ts'

/** The saturated sum of frames of one length. */
export function mixAll(frames: readonly Int16Array[], length: number): Int16Array {
  if (frames.length === 1) return frames[0]!
  const mix = new Int16Array(length)
  const total = sum(frames)
  for (let index = 0; index < total.length; index++) mix[index] = saturate(total[index]!)
  return mix
}

function sum(frames: readonly Int16Array[]): Int32Array {
  const total = new Int32Array(frames[0]?.length ?? 0)
  for (const frame of frames) for (let index = 0; index < frame.length; index++) total[index]! += frame[index]!
  return total
}

/** Multiply in place by a gain, saturated. */
export function scale(pcm: Int16Array, gain: number): Int16Array {
  for (let index = 0; index < pcm.length; index++) pcm[index] = saturate(Math.round(pcm[index]! * gain))
  return pcm
}
