import { parseResourcePath } from '../odata/path.ts'
import { readJoinLink } from '../online-meetings/join-link.ts'

/** What a subscription watches, as its `resource` says (contract B.17). */
export type Resource =
  | {
      kind: 'callEvents'
      join: { threadGuid: string; tenantId: string | null } | { code: string }
      spelling: 'filter' | 'function'
    }
  | { kind: 'chatMessages'; chatId: string }
  | { kind: 'meeting'; userId: string | null; meetingId: string }
  | { kind: Artifact; scope: 'tenant' }
  | { kind: Artifact; scope: 'user'; userId: string }
  | { kind: Artifact; scope: 'meeting'; meetingId: string }

type Artifact = 'transcripts' | 'recordings'

const maxLength = 2_000

/** Read a `resource` in any of its spellings; undefined when it is none of them. Never throws. */
export function parseResource(text: string): Resource | undefined {
  if (text.length > maxLength) return undefined
  return readFunction(text) ?? readFilter(text) ?? readPath(text)
}

/** `communications/onlineMeetings(joinWebUrl='…')/meetingCallEvents`: the link inside is cut out before slashes count. */
function readFunction(text: string): Resource | undefined {
  const match = /^\/?communications\/onlineMeetings\(\s*joinWebUrl\s*=\s*'((?:[^']|'')+)'\s*\)\/meetingCallEvents\/?$/i.exec(
    unwrap(text),
  )
  return match === null ? undefined : callEvents(match[1]!, 'function')
}

/** `communications/onlineMeetings/?$filter=JoinWebUrl eq '…'`, the older spelling. */
function readFilter(text: string): Resource | undefined {
  const match = /^\/?communications\/onlineMeetings\/?\?\$?filter=\s*JoinWebUrl\s+eq\s+'((?:[^']|'')+)'\s*$/i.exec(
    unwrap(text).replace(/\+eq\+/i, ' eq '),
  )
  return match === null ? undefined : callEvents(match[1]!, 'filter')
}

function callEvents(quoted: string, spelling: 'filter' | 'function'): Resource | undefined {
  const link = readJoinLink(quoted.replaceAll("''", "'"))
  if (link?.kind === 'thread')
    return { kind: 'callEvents', spelling, join: { threadGuid: link.threadGuid, tenantId: link.tenantId } }
  return link?.kind === 'code' ? { kind: 'callEvents', spelling, join: { code: link.code } } : undefined
}

/** Blanks and quotes of the outer text may be percent-encoded; the link inside keeps its own encoding either way. */
function unwrap(text: string): string {
  return text
    .trim()
    .replace(/%20/g, ' ')
    .replace(/%27/g, "'")
    .replace(/^(\/?communications\/onlineMeetings\/?\?)%24/i, '$1$')
}

function readPath(text: string): Resource | undefined {
  const segments = segmentsOf(text)
  if (segments === undefined) return undefined
  const names = segments.map((segment) => segment.toLowerCase())
  const [root, second, third, fourth] = names
  if (root === 'chats' && names.length === 3 && third === 'messages') return { kind: 'chatMessages', chatId: segments[1]! }
  if (root === 'communications' && second === 'onlinemeetings') {
    const all = names.length === 3 ? allOf(third!) : undefined
    if (all !== undefined) return { kind: all, scope: 'tenant' }
    const artifact = names.length === 4 ? artifactOf(fourth!) : undefined
    return artifact === undefined ? undefined : { kind: artifact, scope: 'meeting', meetingId: segments[2]! }
  }
  if (root === 'me' && second === 'onlinemeetings' && names.length === 3)
    return { kind: 'meeting', userId: null, meetingId: segments[2]! }
  if (root === 'users' && third === 'onlinemeetings') {
    const all = names.length === 4 ? allOf(fourth!) : undefined
    if (all !== undefined) return { kind: all, scope: 'user', userId: segments[1]! }
    if (names.length === 4) return { kind: 'meeting', userId: segments[1]!, meetingId: segments[3]! }
    const artifact = names.length === 5 ? artifactOf(names[4]!) : undefined
    return artifact === undefined ? undefined : { kind: artifact, scope: 'meeting', meetingId: segments[3]! }
  }
  return undefined
}

function segmentsOf(text: string): string[] | undefined {
  const trimmed = text.trim()
  if (/[?#]/.test(trimmed)) return undefined
  try {
    const { segments } = parseResourcePath(trimmed)
    return segments.every((segment) => segment.length <= 500) ? segments : undefined
  } catch {
    return undefined
  }
}

function allOf(name: string): Artifact | undefined {
  return name === 'getalltranscripts' ? 'transcripts' : name === 'getallrecordings' ? 'recordings' : undefined
}

function artifactOf(name: string): Artifact | undefined {
  return name === 'transcripts' || name === 'recordings' ? name : undefined
}
