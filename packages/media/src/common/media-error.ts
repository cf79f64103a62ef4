/** Why a media server could not be started: which option is wrong, or what the machine did not give. */
export type MediaErrorCode =
  | 'NoKeys'
  | 'NoAnnouncedAddresses'
  | 'UnknownWebhookKey'
  | 'WorkersOutOfRange'
  | 'PortOutOfRange'
  | 'PortTaken'
  | 'WorkerNotStarted'

/** An error of MediaServer.start with a code to act on; the message names the option for people. */
export class MediaError extends Error {
  override name = 'MediaError'
  readonly code: MediaErrorCode

  constructor(code: MediaErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
