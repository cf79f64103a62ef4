import { SipParseError } from './errors.ts'
import { listItems } from './limits.ts'
import { splitList } from './split.ts'

// Maps, not objects: `constructor` is a header name like any other.
const compact = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
])

const special = new Map([
  ['call-id', 'Call-ID'],
  ['cseq', 'CSeq'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['min-se', 'Min-SE'],
])

const canonical = (name: string): string => {
  const lower = name.toLowerCase()
  return compact.get(lower) ?? lower
}

const display = (name: string): string => special.get(name) ?? name.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase())

/**
 * Header fields in order. Names compare without case and compact forms are known by their long name
 * (RFC 3261 section 7.3.3). Values are bytes mapped one to one to characters (latin1), so that what is
 * echoed goes out exactly as it came in.
 */
export class Headers {
  #fields: [name: string, value: string][] = []

  static of(fields: readonly (readonly [string, string])[]): Headers {
    const headers = new Headers()
    for (const [name, value] of fields) headers.add(name, value)
    return headers
  }

  get size(): number {
    return this.#fields.length
  }

  /** Append a field. */
  add(name: string, value: string): this {
    this.#fields.push([canonical(name), value])
    return this
  }

  /** Put a field in place of all of that name. */
  set(name: string, value: string): this {
    this.remove(name)
    return this.add(name, value)
  }

  /** Put a field first. */
  prepend(name: string, value: string): this {
    this.#fields.unshift([canonical(name), value])
    return this
  }

  remove(name: string): this {
    const key = canonical(name)
    this.#fields = this.#fields.filter(([other]) => other !== key)
    return this
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** The first value of that name. */
  get(name: string): string | undefined {
    const key = canonical(name)
    return this.#fields.find(([other]) => other === key)?.[1]
  }

  /** Every value of that name, one a line as they came. */
  all(name: string): string[] {
    const key = canonical(name)
    return this.#fields.filter(([other]) => other === key).map(([, value]) => value)
  }

  /** The elements of a comma-separated header, over all its lines. Throws SipParseError for an empty element. */
  list(name: string): string[] {
    const items = this.all(name).flatMap((value) => splitList(value, name))
    if (items.length > listItems) throw new SipParseError('header', name)
    return items
  }

  /** Tokens of a list header such as Supported, lower case; broken lists give what could be read. */
  tokens(name: string): string[] {
    return this.all(name)
      .join(',')
      .split(',')
      .map((token) => token.trim().toLowerCase())
      .filter((token) => token !== '')
  }

  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    for (const [name, value] of this.#fields) yield [display(name), value]
  }

  clone(): Headers {
    const copy = new Headers()
    copy.#fields = this.#fields.map(([name, value]) => [name, value])
    return copy
  }
}
