import { createHash } from 'node:crypto'

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text has the form of a GUID, in either case (RFC 9562 section 4, without its braces or prefix). */
export function isGuid(text: string): boolean {
  return guidForm.test(text)
}

/** A value in the form of a GUID, always the same for the same text (RFC 9562 version 8). */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
