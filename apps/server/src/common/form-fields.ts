/** More than any form or token request has. */
const maxFields = 1_000

/**
 * The fields of a form (application/x-www-form-urlencoded); undefined when it has more than a thousand. Each is given its
 * `=`, for Node looks for the next one to the end of the text: half a million fields without take it half a minute.
 */
export function readFields(text: string): URLSearchParams | undefined {
  const fields = text.split('&', maxFields + 1)
  if (fields.length > maxFields) return undefined
  return new URLSearchParams(fields.map((field) => (field === '' || field.includes('=') ? field : `${field}=`)).join('&'))
}
