/** Twirp's error codes and the HTTP status each goes out with (Twirp wire protocol v7). */
export const TWIRP_STATUS = {
  invalid_argument: 400,
  malformed: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  bad_route: 404,
  failed_precondition: 412,
  resource_exhausted: 429,
  unavailable: 503,
  internal: 500,
} as const

export type TwirpCode = keyof typeof TWIRP_STATUS

/** An error as a Twirp client gets it. */
export class TwirpError extends Error {
  override name = 'TwirpError'
  readonly code: TwirpCode

  constructor(code: TwirpCode, message: string) {
    super(message)
    this.code = code
  }

  /** The error of that code, `internal` for a code that is none. */
  static of(code: string, message: string): TwirpError {
    return new TwirpError(code in TWIRP_STATUS ? (code as TwirpCode) : 'internal', message)
  }
}
