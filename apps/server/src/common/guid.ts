const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text has the form of a GUID, in either case (RFC 9562 section 4, without its braces or prefix). */
export function isGuid(text: string): boolean {
  return guidForm.test(text)
}
