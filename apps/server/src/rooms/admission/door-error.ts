/** Every way the door refuses, with its status and words. Codes are stable: docs/door-api.md. */
export const doorErrors = {
  InvalidArgument: [400, 'The request is malformed.'],
  AdmissionRequired: [401, 'The admission is missing or not known.'],
  CsrfHeaderMissing: [403, 'A change by a signed-in browser needs the header X-Parley-Csrf: 1.'],
  TokenRefused: [401, 'The access token is not accepted.'],
  PermissionMissing: [403, 'The access token lacks a permission.'],
  MeetingNotFound: [404, 'There is no such meeting.'],
  MeetingCancelled: [403, 'The meeting was cancelled.'],
  MeetingExpired: [403, 'The meeting has expired.'],
  MeetingDeleted: [403, 'The meeting was deleted.'],
  MeetingEnded: [403, 'The meeting was ended for everybody.'],
  PasscodeWrong: [403, 'The passcode is wrong.'],
  InvitationWrong: [403, 'The personal link is not valid for this meeting.'],
  LobbyFull: [429, 'Too many people wait for this meeting; try again.'],
  TooManyTries: [429, 'Too many tries; wait before the next.'],
  AdmissionEnded: [403, 'This admission has ended.'],
  NotAdmitted: [403, 'Not admitted to the meeting.'],
  NotAllowed: [403, 'Your role does not allow this.'],
  MeetingBusy: [429, 'The meeting changes too fast at present; try again.'],
  AlreadyDecided: [409, 'Somebody else decided first.'],
  NotInRoom: [404, 'Nobody of that identity is in the meeting.'],
  NotWaiting: [404, 'Nobody of that id is waiting.'],
  MediaUnavailable: [503, 'The media server does not answer; try again.'],
  RequestTooLarge: [413, 'The request is too large.'],
  UnsupportedMediaType: [415, 'Send JSON.'],
  NotFound: [404, 'There is nothing here.'],
  InternalError: [500, 'Something failed on the server.'],
} as const satisfies Record<string, readonly [number, string]>

export type DoorErrorCode = keyof typeof doorErrors

/** A refusal of the door. `target` names the offending member, `detail` adds members to innerError. */
export class DoorError extends Error {
  readonly code: DoorErrorCode
  readonly status: number
  readonly target: string | undefined
  readonly retryAfter: number | undefined
  readonly detail: Record<string, unknown>

  constructor(
    code: DoorErrorCode,
    options: { message?: string; target?: string; retryAfter?: number; detail?: Record<string, unknown> } = {},
  ) {
    super(options.message ?? doorErrors[code][1])
    this.name = 'DoorError'
    this.code = code
    this.status = doorErrors[code][0]
    this.target = options.target
    this.retryAfter = options.retryAfter
    this.detail = options.detail ?? {}
  }
}
