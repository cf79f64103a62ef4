/** Every way a SIP message can be refused before anyone looks at what it asks: [status, reason phrase]. */
const parseErrors = {
  empty: [400, 'Empty Message'],
  truncated: [400, 'Incomplete Message'],
  'too-large': [513, 'Message Too Large'],
  'start-line': [400, 'Malformed Start-Line'],
  version: [505, 'Version Not Supported'],
  'request-uri': [400, 'Malformed Request-URI'],
  scheme: [416, 'Unsupported URI Scheme'],
  'status-code': [400, 'Malformed Status Code'],
  control: [400, 'Control Character In Header'],
  header: [400, 'Malformed Header'],
  'missing-header': [400, 'Missing Header'],
  'repeated-header': [400, 'Repeated Header'],
  'method-mismatch': [400, 'CSeq Method Does Not Match'],
  'content-length': [400, 'Bad Content-Length'],
} as const satisfies Record<string, readonly [number, string]>

export type ParseErrorCode = keyof typeof parseErrors

/** A message that cannot be used. `detail` names the offending part, never its value. */
export class SipParseError extends Error {
  readonly code: ParseErrorCode
  readonly status: number
  readonly detail: string

  constructor(code: ParseErrorCode, detail = '') {
    const [status, reason] = parseErrors[code]
    super(detail ? `${reason}: ${detail}` : reason)
    this.code = code
    this.status = status
    this.detail = detail
  }
}
