import { tonePower } from './goertzel.ts'

const rows = [697, 770, 852, 941]
const columns = [1209, 1336, 1477, 1633]
const keys = ['123A', '456B', '789C', '*0#D']
const blockSamples = 102
const rate = 8_000
// ITU-T Q.24: tones down to -36 dBm count; twist of 8 dB one way and 4 dB the other is normal.
const minMean = 90_000
const maxTwist = 10 ** 0.8
const minShare = 0.7
const minContrast = 6

/** Finds DTMF digits in 8 kHz audio (ITU-T Q.23 and Q.24). Each press is reported once, some 25 ms after it starts. */
export class InbandDtmf {
  readonly #block = new Int16Array(blockSamples)
  readonly #digit: (digit: string) => void
  #filled = 0
  #candidate = ''
  #hits = 0
  #held = ''
  #misses = 0

  constructor(digit: (digit: string) => void) {
    this.#digit = digit
  }

  push(pcm: Int16Array): void {
    for (let offset = 0; offset < pcm.length; ) {
      const take = Math.min(blockSamples - this.#filled, pcm.length - offset)
      this.#block.set(pcm.subarray(offset, offset + take), this.#filled)
      this.#filled += take
      offset += take
      if (this.#filled < blockSamples) break
      this.#filled = 0
      this.#step(detect(this.#block))
    }
  }

  #step(key: string): void {
    if (this.#held !== '') {
      this.#misses = key === this.#held ? 0 : this.#misses + 1
      if (this.#misses < 2) return
      this.#held = ''
      this.#hits = 0
    }
    this.#hits = key !== '' && key === this.#candidate ? this.#hits + 1 : key === '' ? 0 : 1
    this.#candidate = key
    if (this.#hits < 2) return
    this.#held = key
    this.#misses = 0
    this.#digit(key)
  }
}

function detect(block: Int16Array): string {
  let energy = 0
  for (let index = 0; index < block.length; index++) energy += block[index]! * block[index]!
  if (energy / block.length < minMean) return ''
  const row = strongest(block, rows)
  const column = strongest(block, columns)
  if (!row || !column) return ''
  const twist = row.power / column.power
  if (twist > maxTwist || twist < 1 / maxTwist) return ''
  // Both tones together must be nearly all there is, or it is speech.
  if ((2 * (row.power + column.power)) / (energy * block.length) < minShare) return ''
  return keys[row.index]![column.index]!
}

function strongest(block: Int16Array, frequencies: readonly number[]): { index: number; power: number } | undefined {
  const powers = frequencies.map((frequency) => tonePower(block, frequency, rate))
  const power = Math.max(...powers)
  const index = powers.indexOf(power)
  const clear = powers.every((other, at) => at === index || power > other * minContrast)
  return clear ? { index, power } : undefined
}
