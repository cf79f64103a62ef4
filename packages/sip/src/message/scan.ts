/** Space and tab: all the white space a header value holds once its folded lines are joined. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Without blanks at either end. Not `trim`, which takes 0xA0 for a blank: half a letter, where bytes are characters. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

export function hasBlank(text: string): boolean {
  return text.includes(' ') || text.includes('\t')
}

const token = /^[!%'*+\-.\w`~]+$/

/** Whether text is a token (RFC 3261 section 25.1). */
export function isToken(text: string): boolean {
  return token.test(text)
}

/** A host in brackets without them. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

const table = (characters: string): readonly boolean[] => {
  const known = new Set([...characters].map((char) => char.charCodeAt(0)))
  return Array.from({ length: 128 }, (_, code) => known.has(code))
}
const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const classes = {
  digit: table(digits),
  token: table(`${digits}${letters}_!%'*+-.\`~`),
  host: table(`${digits}${letters}_-.`),
  address: table(`${digits}abcdefABCDEF:.`),
  /** What a parameter may be without quotes. */
  value: Array.from({ length: 256 }, (_, code) => code > 0x20 && code !== 0x22 && code !== 0x2c),
} as const

/** Reads text from left to right, each character once: nothing it passed is ever looked at again, so it is linear. */
export class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  /** Pass blanks; whether there were any. */
  blanks(): boolean {
    const start = this.#at
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#at > start
  }

  /** Pass one character; whether it is there. */
  char(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  /** Pass one character with blanks on both sides of it; whether it is there. */
  separator(char: string): boolean {
    this.blanks()
    const there = this.char(char)
    this.blanks()
    return there
  }

  /** The characters of a class that come next, maybe none. */
  run(kind: keyof typeof classes): string {
    const start = this.#at
    const allowed = classes[kind]
    while (allowed[this.#text.charCodeAt(this.#at)]) this.#at++
    return this.#text.slice(start, this.#at)
  }

  /** A host name, or an IPv6 address in brackets (RFC 3261 section 25.1); nothing when none comes next. */
  host(): string | undefined {
    if (!this.char('[')) return this.run('host') || undefined
    const address = this.run('address')
    return address !== '' && this.char(']') ? `[${address}]` : undefined
  }

  /** A port; nothing when it is none. */
  port(): number | undefined {
    const text = this.run('digit')
    const port = Number(text)
    return text.length <= 5 && port > 0 && port <= 65_535 ? port : undefined
  }

  /** A quoted-string, quotes and escapes as they are; nothing when none comes next or it stays open. */
  quoted(): string | undefined {
    if (this.#text[this.#at] !== '"') return undefined
    for (let index = this.#at + 1; index < this.#text.length; index++) {
      const char = this.#text[index]
      if (char === '\\') index++
      else if (char === '"') {
        const text = this.#text.slice(this.#at, index + 1)
        this.#at = index + 1
        return text
      }
    }
    return undefined
  }

  /** All that is left. */
  rest(): string {
    const text = this.#text.slice(this.#at)
    this.#at = this.#text.length
    return text
  }
}
