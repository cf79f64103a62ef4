import { SipParseError } from './errors.ts'
import { mostParameters } from './limits.ts'
import { isToken, Scanner, trimBlanks } from './scan.ts'
import { splitOutside } from './split.ts'

export type Params = Map<string, string>

// A generic parameter's value may also be a host, so colons, brackets and slashes are let in (RFC 3261 gen-value).
const plainValue = /^[^\s"<>;,\x00-\x1f]*$/
const control = /[\x00-\x1f]/

/** Remove the quotes of a quoted-string and undo its escapes; other text comes back as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** Make a quoted-string (RFC 3261 section 25.1); characters that could end a line are dropped. */
export function quote(text: string): string {
  return `"${text.replace(/[\x00-\x1f\x7f]/g, '').replace(/["\\]/g, '\\$&')}"`
}

/** Whether text is one quoted-string and nothing else. */
export function isQuoted(text: string): boolean {
  const scanner = new Scanner(text)
  return scanner.quoted() !== undefined && scanner.done
}

/** Read `name=value;flag` (the text after the first semicolon). Names come back in lower case. Throws SipParseError. */
export function parseParams(text: string, where: string): Params {
  const params: Params = new Map()
  const parts = splitOutside(text, ';', where)
  if (parts.length > mostParameters) throw new SipParseError('header', where)
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = trimBlanks(equals < 0 ? part : part.slice(0, equals)).toLowerCase()
    const value = equals < 0 ? '' : trimBlanks(part.slice(equals + 1))
    if (!isToken(name)) throw new SipParseError('header', where)
    if (!plainValue.test(value) && (control.test(value) || !isQuoted(value))) throw new SipParseError('header', where)
    if (!params.has(name)) params.set(name, value)
  }
  return params
}

/** The reverse of parseParams, with a leading semicolon for each. */
export function formatParams(params: Params): string {
  return [...params].map(([name, value]) => (value === '' ? `;${name}` : `;${name}=${value}`)).join('')
}
