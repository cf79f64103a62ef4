import { SipParseError } from './errors.ts'
import { Headers } from './headers.ts'
import { type MessageLimits, peerLimits } from './limits.ts'
import { isToken, trimBlanks } from './scan.ts'
import { parseVia, type Via } from './via.ts'

/** The head of a message: everything but its body, and where the body starts. No value has been looked into. */
export class Head {
  readonly startLine: string
  readonly headers: Headers
  readonly bodyStart: number
  readonly limits: MessageLimits
  #via: { via: Via } | { error: unknown } | undefined

  constructor(startLine: string, headers: Headers, bodyStart: number, limits: MessageLimits) {
    this.startLine = startLine
    this.headers = headers
    this.bodyStart = bodyStart
    this.limits = limits
  }

  get isResponse(): boolean {
    return this.startLine.slice(0, 4).toUpperCase() === 'SIP/'
  }

  /** The topmost Via, read when first asked for and never twice. Throws SipParseError. */
  get via(): Via {
    this.#via ??= this.#readVia()
    if ('error' in this.#via) throw this.#via.error
    return this.#via.via
  }

  #readVia(): { via: Via } | { error: unknown } {
    try {
      const text = this.headers.list('Via')[0]
      if (text === undefined) throw new SipParseError('missing-header', 'Via')
      return { via: parseVia(text) }
    } catch (error) {
      return { error }
    }
  }
}

/** Where the head ends: [offset of the blank line, offset after it], or nothing while it is incomplete. */
export function findHeadEnd(data: Buffer, from = 0): [number, number] | undefined {
  for (let index = data.indexOf(10, from); index >= 0; index = data.indexOf(10, index + 1)) {
    if (data[index + 1] === 10) return [index + 1, index + 2]
    if (data[index + 1] === 13 && data[index + 2] === 10) return [index + 1, index + 3]
  }
  return undefined
}

/** Offset of the first byte that is not a line end: keep-alives and stray CRLF come before messages (section 7.5). */
export function skipLineEnds(data: Buffer): number {
  let start = 0
  while (start < data.length && (data[start] === 13 || data[start] === 10)) start++
  return start
}

/** Read start-line and header fields, folded lines joined. Throws SipParseError, also for more than `limits` let in. */
export function parseHead(data: Buffer, limits = peerLimits): Head {
  if (data.length > limits.messageBytes) throw new SipParseError('too-large')
  const start = skipLineEnds(data)
  if (start === data.length) throw new SipParseError('empty')
  const end = findHeadEnd(data, start)
  if (end === undefined) throw new SipParseError('truncated')
  if (end[0] - start > limits.headBytes) throw new SipParseError('too-large')
  const [startLine = '', ...lines] = unfold(data.toString('latin1', start, end[0]))
  if (startLine.length > limits.startLine || lines.length > limits.headers) throw new SipParseError('too-large')
  const headers = new Headers()
  for (const line of lines) {
    if (line.length > limits.headerLine) throw new SipParseError('too-large')
    const colon = line.indexOf(':')
    const name = trimBlanks(line.slice(0, Math.max(0, colon)))
    if (!isToken(name) || !line.startsWith(name)) throw new SipParseError('header')
    headers.add(name, trimBlanks(line.slice(colon + 1)))
  }
  return new Head(startLine, headers, end[1], limits)
}

function unfold(text: string): string[] {
  const lines: string[] = []
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) throw new SipParseError('control')
    if ((line.startsWith(' ') || line.startsWith('\t')) && lines.length > 1) lines[lines.length - 1] += ` ${trimBlanks(line)}`
    else if (line !== '' || lines.length === 0) lines.push(line)
  }
  return lines
}
