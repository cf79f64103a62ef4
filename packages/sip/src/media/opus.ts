import { createRequire } from 'node:module'

// opusscript's own wrapper writes past what it allocates once there are several codecs, so only its WASM is used.
interface OpusHandler {
  _encode(input: number, bytes: number, output: number, frameSize: number): number
  _decode(input: number, bytes: number, output: number): number
  _encoder_ctl(request: number, value: number): number
}
interface OpusModule {
  HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  OpusScriptHandler: {
    new (rate: number, channels: number, application: number): OpusHandler
    destroy_handler(handler: OpusHandler): void
  }
}

let loaded: OpusModule | undefined
function opusModule(): OpusModule {
  loaded ??= (createRequire(import.meta.url)('opusscript/build/opusscript_native_wasm.js') as () => OpusModule)()
  return loaded
}

const voip = 2048
const setBitrate = 4002
const setComplexity = 4010
const setInbandFec = 4012
const setPacketLoss = 4014
const maxPacket = 1_500
const maxSamples = 5_760

/** An Opus encoder and decoder for mono speech (RFC 6716), libopus in WASM. Close it: its memory is not collected. */
export class OpusVoice {
  readonly #module = opusModule()
  readonly #handler: OpusHandler
  readonly #packet: number
  readonly #pcm: number
  readonly #rate: number
  #closed = false

  /** `rate`: 8000, 12000, 16000, 24000 or 48000 samples a second. */
  constructor(rate: number) {
    this.#rate = rate
    this.#handler = new this.#module.OpusScriptHandler(rate, 1, voip)
    this.#packet = this.#module._malloc(maxPacket)
    // The WASM side keeps one byte in each 16-bit cell, so PCM takes four bytes a sample.
    this.#pcm = this.#module._malloc(maxSamples * 4)
    if (this.#packet === 0 || this.#pcm === 0) throw new Error('no memory left for an Opus codec')
    this.#handler._encoder_ctl(setBitrate, 24_000)
    // Lower complexity: half the time of the default for no difference heard on a telephone.
    this.#handler._encoder_ctl(setComplexity, 3)
    this.#handler._encoder_ctl(setInbandFec, 1)
    this.#handler._encoder_ctl(setPacketLoss, 5)
  }

  /** Encode one frame of 2.5 to 60 ms. */
  encode(pcm: Int16Array): Buffer {
    const cells = new Uint16Array(this.#module.HEAPU8.buffer, this.#pcm, pcm.length * 2)
    for (let index = 0; index < pcm.length; index++) {
      const sample = pcm[index]!
      cells[index * 2] = sample & 0xff
      cells[index * 2 + 1] = (sample >> 8) & 0xff
    }
    const length = this.#handler._encode(this.#pcm, pcm.length * 2, this.#packet, pcm.length)
    if (length < 0) throw new Error(`Opus could not encode (${length})`)
    return Buffer.from(this.#module.HEAPU8.subarray(this.#packet, this.#packet + length))
  }

  /** Decode a packet; nothing when it is not Opus. */
  decode(packet: Uint8Array): Int16Array | undefined {
    if (packet.length === 0 || packet.length > maxPacket || opusSamples(packet, this.#rate) === undefined) return undefined
    this.#module.HEAPU8.set(packet, this.#packet)
    const samples = this.#handler._decode(this.#packet, packet.length, this.#pcm)
    if (samples <= 0 || samples > maxSamples) return undefined
    const cells = new Uint16Array(this.#module.HEAPU8.buffer, this.#pcm, samples * 2)
    const pcm = new Int16Array(samples)
    for (let index = 0; index < samples; index++) pcm[index] = (cells[index * 2]! & 0xff) | (cells[index * 2 + 1]! << 8)
    return pcm
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#module.OpusScriptHandler.destroy_handler(this.#handler)
    this.#module._free(this.#packet)
    this.#module._free(this.#pcm)
  }
}

/** Samples an Opus packet decodes to, from its first bytes (RFC 6716 section 3.1); nothing when it exceeds 120 ms. */
export function opusSamples(packet: Uint8Array, rate: number): number | undefined {
  const toc = packet[0] ?? 0
  const config = toc >> 3
  const tenths =
    config < 12 ? [100, 200, 400, 600][config & 3]! : config < 16 ? [100, 200][config & 1]! : [25, 50, 100, 200][config & 3]!
  const code = toc & 3
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f
  const total = frames * tenths
  if (total === 0 || total > 1_200) return undefined
  return (total * rate) / 10_000
}
