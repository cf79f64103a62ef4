import { parseAddress } from './address.ts'
import { SipParseError } from './errors.ts'
import { Headers } from './headers.ts'
import { limits } from './limits.ts'
import type { SipMessage } from './message.ts'
import { parseUri, schemeOf } from './uri.ts'
import { parseVia } from './via.ts'

const token = /^[!%'*+\-.\w`~]+$/
const fieldLine = /^([!%'*+\-.\w`~]+)[ \t]*:[ \t]*(.*)$/s
const requestLine = /^([^\s]+) ([^\s]+) (SIP\/\d+\.\d+)[ \t]*$/i
const statusLine = /^SIP\/2\.0 (\d{3})(?: (.*))?$/i

/** The head of a message: everything but its body, and where the body starts. */
export interface Head {
  startLine: string
  headers: Headers
  bodyStart: number
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

/** Read start-line and header fields, folded lines joined. */
export function parseHead(data: Buffer): Head {
  const start = skipLineEnds(data)
  if (start === data.length) throw new SipParseError('empty')
  if (data.length > limits.messageBytes) throw new SipParseError('too-large')
  const end = findHeadEnd(data, start)
  if (end === undefined) throw new SipParseError('truncated')
  if (end[0] - start > limits.headBytes) throw new SipParseError('too-large')
  const lines = unfold(data.toString('latin1', start, end[0]))
  const startLine = lines.shift() ?? ''
  if (startLine.length > limits.startLine) throw new SipParseError('too-large')
  if (lines.length > limits.headers) throw new SipParseError('too-large')
  const headers = new Headers()
  for (const line of lines) {
    if (line.length > limits.headerLine) throw new SipParseError('too-large')
    const match = fieldLine.exec(line)
    if (!match) throw new SipParseError('header')
    headers.add(match[1]!, match[2]!.trim())
  }
  return { startLine, headers, bodyStart: end[1] }
}

function unfold(text: string): string[] {
  const lines: string[] = []
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) throw new SipParseError('control')
    if ((line.startsWith(' ') || line.startsWith('\t')) && lines.length > 1) lines[lines.length - 1] += ` ${line.trim()}`
    else if (line !== '' || lines.length === 0) lines.push(line)
  }
  return lines
}

/**
 * Parse one SIP message (RFC 3261 section 7), tolerant of spacing, folding, case, compact names and bare LF.
 * `data` is one datagram or one framed message of a stream; bytes past Content-Length are dropped.
 * Throws SipParseError with the status a request with that fault is answered with.
 */
export function parseMessage(data: Buffer): SipMessage {
  const head = parseHead(data)
  return finishMessage(head, data.subarray(head.bodyStart))
}

/** Parse a message whose head has been read. */
export function finishMessage(head: Head, rest: Buffer): SipMessage {
  const { startLine, headers } = head
  const body = bodyOf(headers, rest)
  if (/^SIP\//i.test(startLine)) {
    const match = statusLine.exec(startLine)
    if (!match) throw new SipParseError('status-code')
    const status = Number(match[1])
    if (status < 100 || status > 699) throw new SipParseError('status-code')
    return { kind: 'response', status, reason: match[2] ?? '', body, ...core(headers) }
  }
  const match = requestLine.exec(startLine)
  if (!match || !token.test(match[1]!)) throw new SipParseError('start-line')
  if (match[3]!.toUpperCase() !== 'SIP/2.0') throw new SipParseError('version')
  const [, method, uri] = match as unknown as [string, string, string]
  checkRequestUri(uri)
  const fields = core(headers)
  if (fields.cseq.method !== method) throw new SipParseError('method-mismatch')
  return { kind: 'request', method, uri, body, ...fields }
}

function checkRequestUri(uri: string): void {
  if (schemeOf(uri) === 'tel') return
  // Headers in a Request-URI would be requests inside a request (RFC 3261 section 19.1.1 forbids them).
  if (parseUri(uri).headers !== undefined) throw new SipParseError('request-uri')
}

function core(headers: Headers) {
  const via = headers.list('Via')[0]
  if (via === undefined) throw new SipParseError('missing-header', 'Via')
  const callId = single(headers, 'Call-ID')
  if (callId === '' || /\s/.test(callId)) throw new SipParseError('header', 'Call-ID')
  checkMaxForwards(headers)
  return {
    headers,
    via: parseVia(via),
    from: parseAddress(single(headers, 'From'), 'From'),
    to: parseAddress(single(headers, 'To'), 'To'),
    callId,
    cseq: parseCSeq(single(headers, 'CSeq')),
  }
}

function single(headers: Headers, name: string): string {
  const [value, ...more] = headers.all(name)
  if (value === undefined) throw new SipParseError('missing-header', name)
  if (more.length > 0) throw new SipParseError('repeated-header', name)
  return value
}

function parseCSeq(text: string): { number: number; method: string } {
  const match = /^(\d+)\s+(\S+)$/.exec(text)
  if (!match || !token.test(match[2]!)) throw new SipParseError('header', 'CSeq')
  const number = Number(match[1])
  if (number >= 2 ** 31) throw new SipParseError('header', 'CSeq')
  return { number, method: match[2]! }
}

function checkMaxForwards(headers: Headers): void {
  const values = headers.all('Max-Forwards')
  if (values.length === 0) return
  if (values.length > 1) throw new SipParseError('repeated-header', 'Max-Forwards')
  if (!/^\d+$/.test(values[0]!) || Number(values[0]) > 255) throw new SipParseError('header', 'Max-Forwards')
}

/** The Content-Length of a head, or nothing when it has none. Throws when it is not one sane number. */
export function contentLength(headers: Headers): number | undefined {
  const values = new Set(headers.all('Content-Length'))
  if (values.size === 0) return undefined
  const [value] = values
  if (values.size > 1 || value === undefined || !/^\d{1,9}$/.test(value)) throw new SipParseError('content-length')
  return Number(value)
}

function bodyOf(headers: Headers, rest: Buffer): Buffer {
  const length = contentLength(headers) ?? rest.length
  if (length > limits.bodyBytes) throw new SipParseError('too-large')
  if (length > rest.length) throw new SipParseError('content-length')
  return rest.subarray(0, length)
}
