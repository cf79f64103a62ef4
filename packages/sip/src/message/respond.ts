import { Headers } from './headers.ts'
import type { OutgoingResponse, SipRequest } from './message.ts'
import { reasonOf } from './reasons.ts'

export interface ResponseParts {
  reason?: string
  toTag?: string
  headers?: readonly (readonly [string, string])[]
  body?: Buffer
}

/** Build the response to a request with what RFC 3261 section 8.2.6 says to copy. */
export function respond(request: SipRequest, status: number, parts: ResponseParts = {}): OutgoingResponse {
  return respondToHeaders(request.headers, status, request.to.params.has('tag') ? { ...parts, toTag: '' } : parts)
}

/** The same from bare headers, for a request that could not be read in full. */
export function respondToHeaders(source: Headers, status: number, parts: ResponseParts = {}): OutgoingResponse {
  const headers = new Headers()
  for (const via of source.all('Via')) headers.add('Via', via)
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = source.get(name)
    if (value === undefined) continue
    headers.add(name, name === 'To' && parts.toTag ? `${value};tag=${parts.toTag}` : value)
  }
  if (status > 100 && status < 300) for (const route of source.all('Record-Route')) headers.add('Record-Route', route)
  for (const [name, value] of parts.headers ?? []) headers.add(name, value)
  return {
    kind: 'response',
    status,
    reason: parts.reason ?? reasonOf(status),
    headers,
    body: parts.body ?? Buffer.alloc(0),
  }
}
