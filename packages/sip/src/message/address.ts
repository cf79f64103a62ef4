import { SipParseError } from './errors.ts'
import type { Headers } from './headers.ts'
import { isQuoted, type Params, parseParams, unquote } from './params.ts'
import { trimBlanks } from './scan.ts'
import { splitOutside } from './split.ts'
import { schemeOf } from './uri.ts'

/** From, To, Contact, Route: a display name, a URI kept as text, and the header's own parameters. */
export interface NameAddr {
  name: string
  uri: string
  params: Params
}

/** Read one name-addr or addr-spec with parameters (RFC 3261 section 20.10). `where` names the header in errors. */
export function parseAddress(text: string, where: string): NameAddr {
  const open = angleStart(text)
  if (open < 0) return parseBare(text, where)
  const close = text.indexOf('>', open)
  if (close < 0) throw new SipParseError('header', where)
  const uri = trimBlanks(text.slice(open + 1, close))
  if (uri === '' || /\s/.test(uri) || schemeOf(uri) === undefined) throw new SipParseError('header', where)
  const tail = trimBlanks(text.slice(close + 1))
  if (tail !== '' && !tail.startsWith(';')) throw new SipParseError('header', where)
  return {
    name: decodeName(trimBlanks(text.slice(0, open)), where),
    uri,
    params: tail === '' ? new Map() : parseParams(tail.slice(1), where),
  }
}

/** The addresses of a list header that can be read; a list that cannot be cut has none. */
export function readableAddresses(headers: Headers, name: string): NameAddr[] {
  try {
    return headers.list(name).flatMap((value) => readable(value, name) ?? [])
  } catch {
    return []
  }
}

function readable(value: string, where: string): NameAddr | undefined {
  try {
    return parseAddress(value, where)
  } catch {
    return undefined
  }
}

function angleStart(text: string): number {
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    if (quoted && text[index] === '\\') index++
    else if (text[index] === '"') quoted = !quoted
    else if (!quoted && text[index] === '<') return index
  }
  return -1
}

function parseBare(text: string, where: string): NameAddr {
  const [uri, ...rest] = splitOutside(text, ';', where)
  // Without brackets a comma or question mark would be the header's, not the URI's (RFC 3261 section 20.10).
  if (!uri || /[\s,?"<>]/.test(uri) || schemeOf(uri) === undefined) throw new SipParseError('header', where)
  return { name: '', uri, params: rest.length === 0 ? new Map() : parseParams(rest.join(';'), where) }
}

function decodeName(text: string, where: string): string {
  if (text.startsWith('"')) {
    if (!isQuoted(text)) throw new SipParseError('header', where)
    return Buffer.from(unquote(text), 'latin1').toString('utf8')
  }
  if (text.includes('"')) throw new SipParseError('header', where)
  return Buffer.from(text, 'latin1').toString('utf8')
}
