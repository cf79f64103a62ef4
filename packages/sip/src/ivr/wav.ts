import { muLaw } from '../media/g711.ts'
import { pcmFromBytes } from '../media/pcm.ts'

const pcmFormat = 1
const muLawFormat = 7

/** Read a WAV file of 8 kHz mono, 16-bit PCM or mu-law. Throws Error naming what does not fit. */
export function readWav(data: Buffer): Int16Array {
  if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WAVE') throw new Error('not a WAV file')
  let format = 0
  for (let offset = 12; offset + 8 <= data.length; ) {
    const name = data.toString('latin1', offset, offset + 4)
    const length = data.readUInt32LE(offset + 4)
    const body = data.subarray(offset + 8, offset + 8 + length)
    if (name === 'fmt ') format = readFormat(body)
    if (name === 'data') return format === muLawFormat ? muLaw.decode(body) : pcmFromBytes(body)
    offset += 8 + length + (length % 2)
  }
  throw new Error('a WAV file without sound')
}

function readFormat(body: Buffer): number {
  const format = body.readUInt16LE(0)
  const [channels, rate, bits] = [body.readUInt16LE(2), body.readUInt32LE(4), body.readUInt16LE(14)]
  if (channels !== 1 || rate !== 8_000) throw new Error(`a WAV file of ${channels} channels at ${rate} Hz`)
  if (!(format === pcmFormat && bits === 16) && !(format === muLawFormat && bits === 8)) throw new Error(`WAV format ${format}`)
  return format
}
