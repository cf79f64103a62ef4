/** Share of a block's energy at one frequency, 0 to 1 for a pure tone (Goertzel's algorithm). */
export function toneShare(pcm: Int16Array, frequency: number, rate: number): number {
  let energy = 0
  for (const sample of pcm) energy += sample * sample
  return energy === 0 ? 0 : (2 * tonePower(pcm, frequency, rate)) / (energy * pcm.length)
}

/** Squared magnitude at one frequency. */
export function tonePower(pcm: Int16Array, frequency: number, rate: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate)
  let previous = 0
  let before = 0
  for (let index = 0; index < pcm.length; index++) {
    const current = pcm[index]! + coefficient * previous - before
    before = previous
    previous = current
  }
  return previous * previous + before * before - coefficient * previous * before
}
