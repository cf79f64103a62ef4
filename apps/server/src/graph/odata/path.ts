import { GraphError } from '../errors.ts'

const maxSegments = 16
/** Percent-encoded; the longest key there is, an address of a person, has some 300. */
const maxSegmentLength = 2_048

export interface ResourcePath {
  segments: string[]
  /** Of functions in the path; literals without their quotes. Read when asked for. Throws GraphError. */
  parameters(): Record<string, string>
}

/**
 * Split a resource path into decoded segments. The key syntax `users('x')` gives the same segments as `users/x`
 * (contract C.9); a doubled quote inside a key is one. Throws GraphError.
 */
export function parsePath(path: string): string[] {
  return parseResourcePath(path).segments
}

/** The same, with the parameters of functions such as `getAllTranscripts(meetingOrganizerUserId='…')` still to be read. Throws GraphError. */
export function parseResourcePath(path: string): ResourcePath {
  const segments: string[] = []
  const calls: string[] = []
  for (const part of path.split('/')) {
    if (part === '') continue
    if (part.length > maxSegmentLength)
      throw new GraphError('malformedPath', { message: 'A segment of the path of the request is too long.' })
    const text = decode(part)
    const key = /^([A-Za-z$][\w.$]*)\('((?:[^']|'')*)'\)$/.exec(text)
    const call = key === null ? /^([A-Za-z][\w.]*)\((.*)\)$/s.exec(text) : null
    if (key !== null) segments.push(plainName(key[1]!), key[2]!.replaceAll("''", "'"))
    else if (call !== null) {
      segments.push(plainName(call[1]!))
      calls.push(call[2]!)
    } else segments.push(plainName(text))
    if (segments.length > maxSegments)
      throw new GraphError('malformedPath', { message: 'The path of the request has too many segments.' })
  }
  return { segments, parameters: () => Object.assign({}, ...calls.map(parseParameters)) as Record<string, string> }
}

/** Actions and functions may carry their namespace: `microsoft.graph.createOrGet`. */
function plainName(name: string): string {
  return name.replace(/^(?:microsoft\.)?graph\.(?=[A-Za-z]\w*$)/, '')
}

const parameterForm = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^']|'')*)'|([^\s',()]+))\s*(?:,|$)/y

function parseParameters(text: string): Record<string, string> {
  const parameters: Record<string, string> = {}
  parameterForm.lastIndex = 0
  while (parameterForm.lastIndex < text.length) {
    const match = parameterForm.exec(text)
    if (match === null) throw new GraphError('malformedPath', { message: 'The parameters of the function are not valid.' })
    parameters[match[1]!] = match[2]?.replaceAll("''", "'") ?? match[3]!
  }
  return parameters
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
