import { randomUUID } from 'node:crypto'

/** Every way the token endpoint refuses: Entra's number, OAuth's word, status and text (contract D.3). */
const table = {
  AADSTS7000215: [
    'invalid_client',
    401,
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
  ],
  AADSTS7000222: ['invalid_client', 401, 'The provided client secret keys or certificates are expired.'],
  AADSTS7000218: [
    'invalid_client',
    401,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ],
  AADSTS700027: [
    'invalid_client',
    401,
    'The certificate with identifier used to sign the client assertion is not registered on application, or its signature is not valid.',
  ],
  AADSTS500133: ['invalid_client', 401, 'Assertion is not within its valid time range.'],
  AADSTS50027: ['invalid_client', 401, 'The client assertion is not a valid JWT token.'],
  AADSTS700023: ['invalid_client', 401, 'The client assertion audience does not match this token endpoint.'],
  AADSTS700021: ['invalid_client', 401, 'The client assertion issuer or subject does not match the application identifier.'],
  AADSTS700016: ['unauthorized_client', 400, 'Application was not found in the directory.'],
  AADSTS7000112: ['unauthorized_client', 400, 'Application is disabled.'],
  AADSTS90002: ['invalid_request', 400, 'Tenant not found. Check that you have the correct tenant ID or domain.'],
  AADSTS900144: ['invalid_request', 400, 'The request body must contain the following parameter: '],
  AADSTS9002313: ['invalid_request', 400, 'Invalid request. Request is malformed or invalid.'],
  AADSTS900561: ['invalid_request', 400, 'The endpoint only accepts POST requests.'],
  AADSTS901002: ['invalid_request', 400, "The 'resource' request parameter is not supported."],
  AADSTS70003: ['unsupported_grant_type', 400, 'The app requested an unsupported grant type.'],
  AADSTS70000: ['invalid_grant', 400, 'Provided grant is invalid or malformed.'],
  AADSTS70008: [
    'invalid_grant',
    400,
    'The provided authorization code has expired, was used before, or is not for this request.',
  ],
  AADSTS50148: [
    'invalid_grant',
    400,
    'The code_verifier does not match the code_challenge supplied in the authorization request.',
  ],
  AADSTS70016: ['authorization_pending', 400, 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.'],
  AADSTS70018: ['authorization_declined', 400, 'The end user has denied the authorization request.'],
  AADSTS70020: [
    'expired_token',
    400,
    'The provided value for the input parameter device_code is not valid. This device code has expired.',
  ],
  AADSTS65001: [
    'invalid_grant',
    400,
    'The user has not consented to use the application with these scopes. Send an interactive authorization request.',
  ],
  AADSTS70011: ['invalid_scope', 400, "The provided request must include a 'scope' input parameter that is valid."],
  AADSTS700022: ['invalid_scope', 400, 'The provided value for scope names more than one resource.'],
  AADSTS1002012: [
    'invalid_scope',
    400,
    'Client credential flows must have a scope value with /.default suffixed to the resource identifier.',
  ],
  AADSTS500011: ['invalid_resource', 400, 'The resource principal was not found in the tenant: '],
  AADSTS9001023: [
    'invalid_request',
    400,
    "The grant type is not supported over the /common or /consumers endpoints. Please use the tenant's own endpoint.",
  ],
  AADSTS90055: ['temporarily_unavailable', 429, 'Too many requests. Try again later.'],
} as const satisfies Record<string, readonly [string, number, string]>

export type OAuthErrorCode = keyof typeof table

/** A refusal of the token endpoint. `detail` ends the text; `retryAfter` is in seconds. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly status: number
  readonly retryAfter: number | undefined
  /** What it is about in our own words, without what the client wrote. */
  readonly summary: string
  readonly #detail: string

  constructor(code: OAuthErrorCode, detail = '', retryAfter?: number) {
    super(`${code}: ${table[code][2]}${detail}`)
    this.name = 'OAuthError'
    this.code = code
    this.summary = `${code}: ${table[code][2]}`
    this.status = table[code][1]
    this.retryAfter = retryAfter
    this.#detail = detail
  }

  /** The body Entra answers with. */
  toBody(options: { correlationId: string; origin: string; millis: number }): Record<string, unknown> {
    const number = Number(this.code.slice('AADSTS'.length))
    const traceId = randomUUID()
    const timestamp = `${new Date(options.millis).toISOString().slice(0, 19).replace('T', ' ')}Z`
    const trailer = `Trace ID: ${traceId} Correlation ID: ${options.correlationId} Timestamp: ${timestamp}`
    return {
      error: table[this.code][0],
      error_description: `${this.code}: ${table[this.code][2]}${this.#detail} ${trailer}`,
      error_codes: [number],
      timestamp,
      trace_id: traceId,
      correlation_id: options.correlationId,
      error_uri: `${options.origin}/error?code=${number}`,
    }
  }
}
