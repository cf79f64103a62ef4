/** Why a session description cannot be used. */
export class SdpError extends Error {
  readonly code: 'malformed' | 'no-audio' | 'no-codec' | 'srtp-required' | 'srtp-refused'
  constructor(code: SdpError['code'], message: string) {
    super(message)
    this.code = code
  }
}
