import { parseAddress } from './address.ts'
import { SipParseError } from './errors.ts'
import { type Head, parseHead } from './head.ts'
import type { Headers } from './headers.ts'
import type { SipMessage } from './message.ts'
import { hasBlank, isToken, Scanner, trimBlanks } from './scan.ts'
import { parseUri, schemeOf } from './uri.ts'

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
  const body = bodyOf(head, rest)
  if (head.isResponse) return { kind: 'response', ...parseStatusLine(head.startLine), body, ...core(head) }
  const { method, uri } = parseRequestLine(head.startLine)
  checkRequestUri(uri)
  const fields = core(head)
  if (fields.cseq.method !== method) throw new SipParseError('method-mismatch')
  return { kind: 'request', method, uri, body, ...fields }
}

function parseStatusLine(line: string): { status: number; reason: string } {
  const [version = '', code = ''] = line.split(' ', 2)
  const status = Number(code)
  const isLine = version.toUpperCase() === 'SIP/2.0' && /^\d{3}$/.test(code)
  if (!isLine || status < 100 || status > 699) throw new SipParseError('status-code')
  return { status, reason: line.slice(version.length + code.length + 2) }
}

/** Read a request-line (section 7.1): no URI is looked into. Throws SipParseError. */
export function parseRequestLine(line: string): { method: string; uri: string } {
  const [method = '', uri = '', version = '', ...more] = trimBlanks(line).split(' ', 4)
  const isLine = isToken(method) && uri !== '' && !hasBlank(uri) && more.length === 0 && isVersion(version)
  if (!isLine || hasBlank(line[0] ?? '')) throw new SipParseError('start-line')
  if (version.toUpperCase() !== 'SIP/2.0') throw new SipParseError('version')
  return { method, uri }
}

function isVersion(text: string): boolean {
  if (text.slice(0, 4).toUpperCase() !== 'SIP/') return false
  const scanner = new Scanner(text.slice(4))
  return scanner.run('digit') !== '' && scanner.char('.') && scanner.run('digit') !== '' && scanner.done
}

function checkRequestUri(uri: string): void {
  if (schemeOf(uri) === 'tel') return
  // Headers in a Request-URI would be requests inside a request (RFC 3261 section 19.1.1 forbids them).
  if (parseUri(uri).headers !== undefined) throw new SipParseError('request-uri')
}

function core(head: Head) {
  const { headers, via } = head
  const callId = single(headers, 'Call-ID')
  if (callId === '' || hasBlank(callId)) throw new SipParseError('header', 'Call-ID')
  checkMaxForwards(headers)
  return {
    headers,
    via,
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
  const scanner = new Scanner(text)
  const digits = scanner.run('digit')
  const method = scanner.blanks() ? scanner.run('token') : ''
  const number = Number(digits)
  if (digits === '' || method === '' || !scanner.done || number >= 2 ** 31) throw new SipParseError('header', 'CSeq')
  return { number, method }
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

function bodyOf({ headers, limits }: Head, rest: Buffer): Buffer {
  const length = contentLength(headers) ?? rest.length
  if (length > limits.bodyBytes) throw new SipParseError('too-large')
  if (length > rest.length) throw new SipParseError('content-length')
  return rest.subarray(0, length)
}
