/** More than any form or token request has. */
const maxFields = 1_000

/**
 * The fields of a form (application/x-www-form-urlencoded); undefined when it has more than a thousand. Node looks for the
 * next `=` from each field on to the end: half a million fields without one take it half a minute.
 */
export function readFields(text: string): URLSearchParams | undefined {
  let fields = 1
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    fields += 1
    if (fields > maxFields) return undefined
  }
  return new URLSearchParams(text)
}
