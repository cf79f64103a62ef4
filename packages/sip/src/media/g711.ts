/** ITU-T G.711 by tables: one byte to a sample, and all 65,536 samples to a byte. */

function muLawSample(code: number): number {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84
  return bits & 0x80 ? -magnitude : magnitude
}

function aLawSample(code: number): number {
  const bits = code ^ 0x55
  const exponent = (bits & 0x70) >> 4
  const mantissa = (bits & 0x0f) << 4
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

function muLawCode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), 32_635) + 0x84
  const exponent = Math.max(0, 24 - Math.clz32(magnitude))
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

function aLawCode(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = Math.min(sample < 0 ? ~sample : sample, 32_767)
  const exponent = Math.max(0, 24 - Math.clz32(magnitude))
  const mantissa = exponent === 0 ? magnitude >> 4 : magnitude >> (exponent + 3)
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55
}

/** One law: both directions. */
export interface Law {
  encode(pcm: Int16Array): Buffer
  decode(payload: Uint8Array): Int16Array
}

function lawOf(toSample: (code: number) => number, toCode: (sample: number) => number): Law {
  const samples = Int16Array.from({ length: 256 }, (_, code) => toSample(code))
  const codes = new Uint8Array(65_536)
  for (let sample = -32_768; sample < 32_768; sample++) codes[sample & 0xffff] = toCode(sample)
  return {
    encode(pcm) {
      const payload = Buffer.allocUnsafe(pcm.length)
      for (let index = 0; index < pcm.length; index++) payload[index] = codes[pcm[index]! & 0xffff]!
      return payload
    },
    decode(payload) {
      const pcm = new Int16Array(payload.length)
      for (let index = 0; index < pcm.length; index++) pcm[index] = samples[payload[index]!]!
      return pcm
    },
  }
}

export const muLaw: Law = lawOf(muLawSample, muLawCode)
export const aLaw: Law = lawOf(aLawSample, aLawCode)
