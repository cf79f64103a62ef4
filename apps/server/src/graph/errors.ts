/** Every way our Graph refuses: a stable name, then status, Graph's `code` and the text clients compare (contract B.19, C.1). */
const table = {
  tokenEmpty: [401, 'InvalidAuthenticationToken', 'Access token is empty.'],
  tokenInvalid: [401, 'InvalidAuthenticationToken', 'Access token validation failure.'],
  applicationGone: [
    401,
    'InvalidAuthenticationToken',
    'The application of the access token does not exist any more or is disabled.',
  ],
  personGone: [401, 'InvalidAuthenticationToken', 'The person of the access token does not exist any more or is disabled.'],
  insufficientPrivileges: [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'],
  otherApplication: [403, 'Authorization_RequestDenied', "The application in the path is not the access token's own."],
  invalidArgument: [400, 'InvalidArgument', 'Invalid argument.'],
  invalidQuery: [400, '', 'The query specified in the URI is not valid.'],
  malformedBody: [400, 'BadRequest', 'Unable to read JSON request payload.'],
  malformedPath: [400, 'BadRequest', 'The path of the request is not valid.'],
  unknownSegment: [400, 'BadRequest', 'Resource not found for the segment.'],
  invalidVersion: [400, 'BadRequest', 'Invalid version.'],
  contentTypeMissing: [400, 'BadRequest', 'Write requests (excluding DELETE) must contain the Content-Type header declaration.'],
  badRequest: [400, 'BadRequest', 'An error has occurred.'],
  filterExpected: [400, 'InvalidArgument', "Filter expression expected - /onlineMeetings?$filter={ParameterName} eq '{id}'."],
  meetingIdCorrupted: [400, 'BadRequest', 'Meeting Id is corrupted.'],
  invalidMeetingId: [400, 'BadRequest', 'Invalid meeting id.'],
  meNeedsPerson: [400, 'BadRequest', '/me request is only valid with delegated authentication flow.'],
  notUpdatable: [
    400,
    'InvalidArgument',
    'One or more properties do not support updating. Please refer to Microsoft Graph documentation for more information.',
  ],
  forbidden: [403, 'Forbidden', ''],
  userNotFound: [404, 'NotFound', 'The user was not found in the tenant.'],
  meetingNotFound: [404, 'NotFound', 'The meeting was not found.'],
  resourceNotFound: [404, 'Request_ResourceNotFound', 'The resource does not exist.'],
  notSupported: [400, 'NotSupported', 'This is not supported.'],
  subscriptionRefused: [400, 'ValidationError', 'The subscription is not valid.'],
  subscriptionQuota: [403, 'ExtensionError', 'The limit of subscriptions has been reached.'],
  subscriptionNotFound: [404, 'ResourceNotFound', 'The object was not found.'],
  chatNotFound: [404, 'NotFound', 'The chat was not found.'],
  chatMessageNotFound: [404, 'NotFound', 'The message was not found.'],
  applicationNotFound: [404, 'Request_ResourceNotFound', 'The application was not found.'],
  methodNotAllowed: [405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.'],
  notAcceptable: [406, 'NotAcceptable', 'The response can only be written as application/json.'],
  conflict: [409, 'Conflict', 'Conflict'],
  keyReused: [409, 'IdempotencyKeyReused', 'The Idempotency-Key was used with another body.'],
  keyInUse: [409, 'IdempotencyKeyInUse', 'A request with this Idempotency-Key is under way.'],
  preconditionFailed: [412, 'PreconditionFailed', 'The resource has changed since it was read.'],
  bodyTooLarge: [413, 'RequestEntityTooLarge', 'The request body is larger than 1 MiB.'],
  unsupportedMediaType: [415, 'UnsupportedMediaType', 'The request body must have the Content-Type application/json.'],
  failedDependency: [424, 'FailedDependency', 'A request that this one depends on failed.'],
  tooManyRequests: [429, 'TooManyRequests', 'Too many requests. Try again later.'],
  internalError: [500, 'InternalServerError', 'Internal Server Error'],
} as const satisfies Record<string, readonly [number, string, string]>

export type GraphErrorName = keyof typeof table

/** A refusal in Graph's form. `target` is the member at fault, in the client's own spelling of it. */
export class GraphError extends Error {
  readonly errorName: GraphErrorName
  readonly status: number
  readonly code: string
  readonly target: string | undefined
  readonly headers: Record<string, string>
  /** More specific members of `innerError`. */
  readonly inner: Record<string, unknown>
  /** The user a refusal is about, and why, for the administrator's log; never sent. */
  readonly about: string | undefined
  readonly reason: string | undefined

  constructor(
    errorName: GraphErrorName,
    options: {
      message?: string
      code?: string
      target?: string
      headers?: Record<string, string>
      inner?: Record<string, unknown>
      about?: string
      reason?: string
    } = {},
  ) {
    super(options.message ?? table[errorName][2])
    this.name = 'GraphError'
    this.errorName = errorName
    this.status = table[errorName][0]
    this.code = options.code ?? table[errorName][1]
    this.target = options.target
    this.headers = options.headers ?? {}
    this.inner = options.inner ?? {}
    this.about = options.about
    this.reason = options.reason
  }
}

/** An `invalidArgument` that names the member. */
export function invalidMember(target: string, problem: string): GraphError {
  return new GraphError('invalidArgument', { target, message: `Invalid value for '${target}': ${problem}.` })
}

/** The error body (contract C.1). */
export function errorBody(
  error: GraphError,
  ids: { requestId: string; clientRequestId: string; millis: number },
): Record<string, unknown> {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.target === undefined ? {} : { target: error.target }),
      innerError: {
        ...error.inner,
        date: new Date(ids.millis).toISOString().slice(0, 19),
        'request-id': ids.requestId,
        'client-request-id': ids.clientRequestId,
      },
    },
  }
}
