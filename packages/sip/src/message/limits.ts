/** What one SIP message may cost. RFC 3261 section 18.1.1 lets a datagram reach 65,535 bytes; calls need far less. */
export const limits = {
  messageBytes: 65_535,
  headBytes: 32_768,
  bodyBytes: 32_768,
  startLine: 4_096,
  headerLine: 8_192,
  headers: 256,
  listItems: 64,
  parameters: 64,
} as const
