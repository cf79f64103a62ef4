import { randomInt } from 'node:crypto'
import type { CodecName } from '../media/codec.ts'
import type { MediaLeg } from '../media/leg.ts'
import type { CryptoLine } from '../sdp/crypto.ts'
import { answerOffer, type LocalMedia, makeOffer, type SrtpPolicy, takeAnswer } from '../sdp/negotiate.ts'
import { SdpError } from '../sdp/sdp-error.ts'
import { readSession } from '../sdp/session.ts'

export type OfferResult = { ok: true; description: Buffer } | { ok: false; code: SdpError['code'] }

/** The descriptions of one call: answers offers, or makes one when the INVITE brought none (RFC 3264). */
export class CallMedia {
  readonly leg: MediaLeg
  readonly #address: string
  readonly #codecs: readonly CodecName[]
  readonly #srtp: SrtpPolicy
  readonly #sessionId = String(randomInt(2 ** 47))
  #version = 0
  #description: Buffer = Buffer.alloc(0)
  #key: CryptoLine | undefined
  #awaitingAnswer = false
  #last: Buffer | undefined

  constructor(leg: MediaLeg, address: string, codecs: readonly CodecName[], srtp: SrtpPolicy) {
    this.leg = leg
    this.#address = address
    this.#codecs = codecs
    this.#srtp = srtp
  }

  /** What was sent last. */
  get description(): Buffer {
    return this.#description
  }

  /** Take an offer, or make one when there is none. The leg follows at once. */
  offered(body: Buffer): OfferResult {
    if (body.length === 0) {
      const { offer, key } = makeOffer(this.#local())
      this.#key = key
      this.#awaitingAnswer = true
      this.#description = offer
      return { ok: true, description: offer }
    }
    try {
      const offer = readSession(body)
      // The same offer again (a refresh) gets the same answer (RFC 4028 section 9, RFC 3264 section 8).
      if (this.#last?.equals(body)) return { ok: true, description: this.#description }
      const { agreed, answer, key } = answerOffer(offer, this.#local())
      this.leg.configure(agreed)
      this.#key = key
      this.#description = answer
      this.#last = Buffer.from(body)
      return { ok: true, description: answer }
    } catch (error) {
      if (error instanceof SdpError) return { ok: false, code: error.code }
      throw error
    }
  }

  /** The body of an ACK: the answer when we had made the offer. False when it cannot be used. */
  acknowledged(body: Buffer): boolean {
    if (!this.#awaitingAnswer) return true
    this.#awaitingAnswer = false
    try {
      this.leg.configure(takeAnswer(readSession(body), this.#local(), this.#key))
      return true
    } catch (error) {
      if (error instanceof SdpError) return false
      throw error
    }
  }

  /** The current description once more, for a refresh of ours. */
  repeat(): Buffer {
    return this.#description
  }

  #local(): LocalMedia {
    const { port } = this.leg
    const version = ++this.#version
    const base = { address: this.#address, port, codecs: this.#codecs, srtp: this.#srtp, sessionId: this.#sessionId, version }
    return { ...base, key: this.#key }
  }
}
