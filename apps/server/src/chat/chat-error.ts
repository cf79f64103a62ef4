/** Every way the chat refuses: status, and the words. The name is the stable `code` of docs/door-api.md. */
const table = {
  InvalidArgument: [400, 'A member of the request is not valid.'],
  AdmissionEnded: [401, 'This admission opens nothing any more. Ask to come in again.'],
  NotAllowed: [403, 'You may not do this.'],
  ChatDisabled: [403, 'The organizer has turned the chat of this meeting off.'],
  ChatMuted: [403, 'Writing in the chat is not allowed at present.'],
  FilesDisabled: [403, 'This meeting takes no files in its chat.'],
  MessageNotFound: [404, 'The message was not found.'],
  FileNotFound: [404, 'The file was not found.'],
  Conflict: [409, 'The message was changed by somebody else at the same moment.'],
  TooLarge: [413, 'The request is too large.'],
  UnsupportedMediaType: [415, 'The content type of the request is not supported.'],
  TooManyRequests: [429, 'Too many messages. Wait a moment.'],
  InternalError: [500, 'The server met an unexpected condition.'],
} as const satisfies Record<string, readonly [number, string]>

export type ChatErrorCode = keyof typeof table

/** A refusal of the chat; `target` names the member at fault, `retryAfter` is in seconds. */
export class ChatError extends Error {
  readonly code: ChatErrorCode
  readonly status: number
  readonly target: string | undefined
  readonly retryAfter: number | undefined
  constructor(code: ChatErrorCode, options: { message?: string; target?: string; retryAfter?: number } = {}) {
    super(options.message ?? table[code][1])
    this.name = 'ChatError'
    this.code = code
    this.status = table[code][0]
    this.target = options.target
    this.retryAfter = options.retryAfter
  }

  /** Graph's form of an error. */
  toBody(): Record<string, unknown> {
    const target = this.target === undefined ? {} : { target: this.target }
    return { error: { code: this.code, message: this.message, ...target, innerError: { ...target } } }
  }
}

/** An `InvalidArgument` that names the member. */
export function invalid(target: string, problem: string): ChatError {
  return new ChatError('InvalidArgument', { target, message: `Invalid value for '${target}': ${problem}.` })
}
