import { aLaw, type Law, muLaw } from './g711.ts'
import { OpusVoice } from './opus.ts'

export type CodecName = 'PCMU' | 'PCMA' | 'opus'

/** One direction-less audio codec of a call. */
export interface AudioCodec {
  readonly name: CodecName
  /** RTP timestamp units a second. */
  readonly clockRate: number
  /** PCM samples a second on our side. */
  readonly sampleRate: number
  encode(pcm: Int16Array): Buffer
  /** Nothing when the payload is not of this codec. */
  decode(payload: Buffer): Int16Array | undefined
  close(): void
}

/** Make a codec. Opus runs at 16 kHz: all that telephone speech holds, for a third of the work of 48 kHz. */
export function openCodec(name: CodecName): AudioCodec {
  if (name === 'opus') {
    const voice = new OpusVoice(16_000)
    return {
      name,
      clockRate: 48_000,
      sampleRate: 16_000,
      encode: (pcm) => voice.encode(pcm),
      decode: (payload) => voice.decode(payload),
      close: () => voice.close(),
    }
  }
  const law: Law = name === 'PCMU' ? muLaw : aLaw
  return { name, clockRate: 8_000, sampleRate: 8_000, encode: law.encode, decode: law.decode, close: () => {} }
}
