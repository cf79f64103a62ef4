import { muLaw } from './g711.ts'
import { pcmFromBytes } from './pcm.ts'
import { Resampler } from './resample.ts'

const pcmFormat = 1
const muLawFormat = 7
const clipRate = 8_000
/** What prompts and engines of speech write, in samples a second. */
const rates = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

/**
 * Read a WAV file of mono 16-bit PCM or mu-law as 8 kHz PCM. Throws Error naming what does not fit. A file written to a
 * pipe claims to be longer than it is: what is there counts.
 */
export function readWav(data: Buffer): Int16Array {
  if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WAVE') throw new Error('not a WAV file')
  let [format, rate] = [0, clipRate]
  for (let offset = 12; offset + 8 <= data.length; ) {
    const name = data.toString('latin1', offset, offset + 4)
    const length = data.readUInt32LE(offset + 4)
    const body = data.subarray(offset + 8, offset + 8 + length)
    if (name === 'fmt ') [format, rate] = readFormat(body)
    if (name === 'data') {
      const pcm = format === muLawFormat ? muLaw.decode(body) : pcmFromBytes(body.subarray(0, body.length & ~1))
      return rate === clipRate ? pcm : new Resampler(rate, clipRate).process(pcm)
    }
    offset += 8 + length + (length % 2)
  }
  throw new Error('a WAV file without sound')
}

/** The format and the samples a second. */
function readFormat(body: Buffer): [number, number] {
  if (body.length < 16) throw new Error('a WAV file with a broken head')
  const format = body.readUInt16LE(0)
  const [channels, rate, bits] = [body.readUInt16LE(2), body.readUInt32LE(4), body.readUInt16LE(14)]
  if (channels !== 1 || !rates.includes(rate)) throw new Error(`a WAV file of ${channels} channels at ${rate} Hz`)
  if (!(format === pcmFormat && bits === 16) && !(format === muLawFormat && bits === 8)) throw new Error(`WAV format ${format}`)
  return [format, rate]
}
