import { threadGuidOf } from '../../meetings/links.ts'

/** What a link leads to. Both shapes of the thread are the same meeting. */
export type JoinLink =
  | { kind: 'thread'; threadGuid: string; organizerId: string | null; tenantId: string | null }
  | { kind: 'code'; code: string }
  | { kind: 'other' }

const deepest = 6
/** A link of ours, encoded six times over, has some 1,500. */
const longest = 8_192

/**
 * Read a join link at whatever depth of percent-encoding it arrives (contract B.5): decoded until nothing changes, scheme
 * and host and hexadecimal digits without regard to case, a trailing slash ignored. Short links lead to a code.
 * Undefined when the text is no http or https address.
 */
export function readJoinLink(text: string): JoinLink | undefined {
  if (text.length > longest) return undefined
  const plain = decodeFully(text.trim())
  const address = /^https?:\/\/[^/?#]+(\/[^?#]*)?(?:\?([^#]*))?/i.exec(plain)
  if (address === null) return undefined
  const path = withoutTrailingSlashes(address[1] ?? '')
  const query = address[2] ?? ''
  const short = /^\/meet\/(\d{9,13})$/i.exec(path)
  if (short !== null) return { kind: 'code', code: short[1]! }
  const match = /^\/l\/meetup-join\/(19:[^/]+)(?:\/0)?$/i.exec(path)
  const threadGuid = match === null ? undefined : threadGuidOf(match[1]!)
  if (threadGuid === undefined) return { kind: 'other' }
  return { kind: 'thread', threadGuid, ...readContext(query) }
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

function readContext(query: string): { organizerId: string | null; tenantId: string | null } {
  const member = (name: string) => new RegExp(`"${name}"\\s*:\\s*"([0-9a-f-]{36})"`, 'i').exec(query)?.[1]?.toLowerCase() ?? null
  return { organizerId: member('Oid'), tenantId: member('Tid') }
}

function decodeFully(text: string): string {
  let current = text
  for (let depth = 0; depth < deepest; depth++) {
    let next: string
    try {
      next = decodeURIComponent(current)
    } catch {
      return current
    }
    if (next === current) return current
    current = next
  }
  return current
}
