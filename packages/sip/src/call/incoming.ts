import type { RefusalCode } from '../events.ts'
import { type NameAddr, readableAddresses } from '../message/address.ts'
import type { Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { userOf } from '../message/uri.ts'

/** Methods answered here. */
export const allowed = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE'
/** Extensions known here. */
export const supportedExtensions = ['timer']

/** What an INVITE needs before anyone is asked about it (RFC 3261 section 8.2). Nothing when it is in order. */
export function inviteFault(request: SipRequest): { code: RefusalCode; headers: [string, string][] } | undefined {
  const { headers, body } = request
  const unknown = headers.tokens('Require').filter((token) => !supportedExtensions.includes(token))
  if (unknown.length > 0) return { code: 'bad-extension', headers: [['Unsupported', unknown.join(', ')]] }
  const encoding = headers.tokens('Content-Encoding').filter((token) => token !== 'identity')
  if (body.length > 0 && (encoding.length > 0 || !isSdp(headers.get('Content-Type')))) {
    return {
      code: 'unsupported-body',
      headers: [
        ['Accept', 'application/sdp'],
        ['Accept-Encoding', 'identity'],
      ],
    }
  }
  const accept = headers.tokens('Accept').map((token) => token.split(';', 1)[0]!.trim())
  if (accept.length > 0 && !accept.some((type) => ['application/sdp', 'application/*', '*/*'].includes(type))) {
    return { code: 'not-acceptable', headers: [] }
  }
  return undefined
}

/** Whether a Content-Type is a session description. */
function isSdp(type: string | undefined): boolean {
  return type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/sdp'
}

/** Who calls: the number asserted by the trunk before the one the caller wrote (RFC 3325), and the name shown with it. */
export function callerOf({ headers, from }: { headers: Headers; from: NameAddr }): { caller: string; callerName: string } {
  const hidden = headers.tokens('Privacy').some((token) => token.split(';').includes('id'))
  if (hidden) return { caller: 'anonymous', callerName: '' }
  for (const { uri, name } of readableAddresses(headers, 'P-Asserted-Identity')) {
    const user = userOf(uri)
    if (user !== '') return { caller: clean(user), callerName: clean(name) }
  }
  return { caller: clean(userOf(from.uri)) || 'anonymous', callerName: clean(from.name) }
}

function clean(text: string): string {
  return text
    .replace(/[\x00-\x1f\x7f]/g, '')
    .trim()
    .slice(0, 128)
}
