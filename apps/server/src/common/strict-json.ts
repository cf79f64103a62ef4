/** Why a body is not acceptable JSON, with the place where that shows. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonError'
  }
}

/** Graph bodies nest a handful of levels; this is far beyond them and far below where any parser minds. */
const maxDepth = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Read a JSON body (RFC 8259) in UTF-8, a byte order mark allowed. Refused with JsonError: other encodings, members
 * that occur twice (a reader after us might see the other one), nesting beyond 64 levels, numbers beyond a double,
 * lone surrogates and NUL in text.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  if (text.trim() === '') throw new JsonError('The body is empty; a JSON object was expected.')
  const value = parse(text)
  scan(text)
  check(value)
  return value
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff || bytes[0] === 0xfe || bytes[0] === 0 || bytes[1] === 0)
    throw new JsonError('The body must be encoded in UTF-8.')
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  try {
    return utf8.decode(bytes.subarray(start))
  } catch {
    throw new JsonError('The body is not valid UTF-8.')
  }
}

function parse(text: string): unknown {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c) index += 1
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > maxDepth) throw new JsonError(`The body is nested deeper than ${maxDepth} levels.`)
    } else if (code === 0x7d || code === 0x5d) depth -= 1
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new JsonError('The body is not valid JSON.')
  }
}

/** Finds members that occur twice. The text is known to be JSON, so only strings and brackets need looking at. */
function scan(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let index = 0
  while (index < text.length) {
    const character = text[index]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, index)
      const names = open.at(-1)
      if (names !== undefined && /^\s*:/.test(text.slice(end + 1, end + 1 + gapAfter(text, end + 1) + 1))) {
        const name = JSON.parse(text.slice(index, end + 1)) as string
        if (names.has(name)) throw new JsonError(`The member '${shorten(name)}' occurs more than once.`)
        names.add(name)
      }
      index = end
    }
    index += 1
  }
}

function endOfString(text: string, start: number): number {
  let index = start + 1
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index
}

function gapAfter(text: string, start: number): number {
  let index = start
  while (text[index] === ' ' || text[index] === '\t' || text[index] === '\n' || text[index] === '\r') index += 1
  return index - start
}

function check(value: unknown): void {
  if (typeof value === 'string') checkText(value)
  else if (typeof value === 'number' && !Number.isFinite(value)) throw new JsonError('A number is too large.')
  else if (Array.isArray(value)) value.forEach(check)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      checkText(name)
      check(member)
    }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw new JsonError('Text must not hold the character NUL.')
  if (!text.isWellFormed()) throw new JsonError('Text must not hold half of a surrogate pair.')
}

function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name
}
