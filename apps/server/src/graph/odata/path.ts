import { GraphError } from '../errors.ts'

const maxSegments = 16

/**
 * Split a resource path into decoded segments. The key syntax `users('x')` gives the same segments as `users/x`
 * (contract C.9); a doubled quote inside a key is one. Throws GraphError.
 */
export function parsePath(path: string): string[] {
  const segments: string[] = []
  for (const part of path.split('/')) {
    if (part === '') continue
    const text = decode(part)
    const match = /^([A-Za-z$][\w.$]*)\('((?:[^']|'')*)'\)$/.exec(text)
    if (match === null) segments.push(text)
    else segments.push(match[1]!, match[2]!.replaceAll("''", "'"))
    if (segments.length > maxSegments)
      throw new GraphError('malformedPath', { message: 'The path of the request has too many segments.' })
  }
  return segments
}

function decode(part: string): string {
  try {
    const text = decodeURIComponent(part)
    if (!text.includes('\0')) return text
  } catch {
    // Falls through to the refusal.
  }
  throw new GraphError('malformedPath', { message: 'The path of the request is not correctly percent-encoded.' })
}
