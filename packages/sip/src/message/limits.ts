/** What one message may cost. A datagram may reach 65,535 bytes (RFC 3261 section 18.1.1); calls need far less. */
export interface MessageLimits {
  readonly messageBytes: number
  readonly headBytes: number
  readonly bodyBytes: number
  /** Characters of the start-line, and of one header field with its folded lines joined. */
  readonly startLine: number
  readonly headerLine: number
  readonly headers: number
}

/** Messages of a trunk, or of whoever has a call up. */
export const peerLimits: MessageLimits = {
  messageBytes: 65_535,
  headBytes: 32_768,
  bodyBytes: 32_768,
  startLine: 4_096,
  headerLine: 8_192,
  headers: 256,
}

/** Messages of anybody else: room for an INVITE with credentials and a session description, several times over. */
export const strangerLimits: MessageLimits = {
  messageBytes: 8_192,
  headBytes: 8_192,
  bodyBytes: 8_192,
  startLine: 1_024,
  headerLine: 2_048,
  headers: 64,
}

/** Elements of a comma-separated header, and parameters of one element. */
export const listItems = 64
export const mostParameters = 64
