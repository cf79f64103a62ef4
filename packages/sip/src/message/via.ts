import { SipParseError } from './errors.ts'
import { formatParams, type Params, parseParams } from './params.ts'
import { Scanner } from './scan.ts'

/** One Via: which hop sent the request and where its answer goes (RFC 3261 section 20.42). */
export interface Via {
  transport: string
  host: string
  port: number | undefined
  params: Params
}

/** The branch prefix of RFC 3261; a branch without it (or with nothing after it) identifies nothing. */
export const magicCookie = 'z9hG4bK'

/** Read one Via value. Throws SipParseError. */
export function parseVia(text: string): Via {
  const scanner = new Scanner(text)
  const isSip = scanner.run('token').toUpperCase() === 'SIP' && scanner.separator('/')
  const isKnown = isSip && scanner.run('token') === '2.0' && scanner.separator('/')
  const transport = isKnown ? scanner.run('token') : ''
  const host = transport !== '' && scanner.blanks() ? scanner.host() : undefined
  if (host === undefined) throw new SipParseError('header', 'Via')
  const port = scanner.separator(':') ? scanner.port() : null
  if (port === undefined) throw new SipParseError('header', 'Via')
  scanner.blanks()
  const hasParams = scanner.char(';')
  if (!hasParams && !scanner.done) throw new SipParseError('header', 'Via')
  return {
    transport: transport.toUpperCase(),
    host: host.toLowerCase(),
    port: port ?? undefined,
    params: hasParams ? parseParams(scanner.rest(), 'Via') : new Map(),
  }
}

/** Write one Via value. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport} ${via.host}${port}${formatParams(via.params)}`
}
