import { SipParseError } from './errors.ts'
import { type Params, parseParams } from './params.ts'
import { Scanner } from './scan.ts'

/** A sip: or sips: address (RFC 3261 section 19.1). `user` is still escaped; see `userOf`. */
export interface SipUri {
  scheme: 'sip' | 'sips'
  user: string | undefined
  host: string
  port: number | undefined
  params: Params
  headers: string | undefined
}

const scheme = /^([a-z][a-z0-9+.-]*):/i
const userinfo = /^[^\s"<>@\x00-\x1f\x7f]+$/

/** The scheme of any URI in lower case, or nothing when it has none. */
export function schemeOf(text: string): string | undefined {
  return scheme.exec(text)?.[1]?.toLowerCase()
}

/** Parse a SIP URI. Throws SipParseError `scheme` for another scheme, `request-uri` for a malformed one. */
export function parseUri(text: string): SipUri {
  const name = schemeOf(text)
  if (name === undefined) throw new SipParseError('request-uri')
  if (name !== 'sip' && name !== 'sips') throw new SipParseError('scheme')
  const rest = text.slice(name.length + 1)
  // Userinfo may hold ; and ? unescaped, but nothing after it may hold @ (RFC 3261 section 25.1).
  const at = rest.lastIndexOf('@')
  const info = at < 0 ? undefined : rest.slice(0, at)
  if (info !== undefined && !userinfo.test(info)) throw new SipParseError('request-uri')
  const place = rest.slice(at + 1)
  const question = place.indexOf('?')
  const beforeHeaders = question < 0 ? place : place.slice(0, question)
  const semicolon = beforeHeaders.indexOf(';')
  const { host, port } = parseHostPort(semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon))
  return {
    scheme: name,
    user: info?.split(':', 1)[0],
    host,
    port,
    params: semicolon < 0 ? new Map() : parseParams(beforeHeaders.slice(semicolon + 1), 'uri'),
    headers: question < 0 ? undefined : place.slice(question + 1),
  }
}

function parseHostPort(text: string): { host: string; port: number | undefined } {
  const scanner = new Scanner(text)
  const host = scanner.host()
  const port = scanner.char(':') ? scanner.port() : null
  const misplaced = host === undefined || host.startsWith('-') || host.startsWith('.') || host.endsWith('-')
  if (misplaced || port === undefined || !scanner.done) throw new SipParseError('request-uri')
  return { host: host.toLowerCase(), port: port ?? undefined }
}

/** The user part with escapes undone and its own parameters (`;phone-context=`) left out. */
export function userOf(text: string): string {
  const tel = /^tel:([^;?]*)/i.exec(text)
  if (tel) return tel[1]!.replace(/[-.()]/g, '')
  let uri: SipUri
  try {
    uri = parseUri(text)
  } catch {
    return ''
  }
  const user = (uri.user ?? '').split(';', 1)[0]!
  try {
    return decodeURIComponent(user)
  } catch {
    return user
  }
}
