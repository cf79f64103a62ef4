import { SipParseError } from './errors.ts'
import { formatParams, type Params, parseParams } from './params.ts'

/** One Via: which hop sent the request and where its answer goes (RFC 3261 section 20.42). */
export interface Via {
  transport: string
  host: string
  port: number | undefined
  params: Params
}

const shape = /^SIP\s*\/\s*2\.0\s*\/\s*([\w.!%*+`'~-]+)\s+(\[[0-9a-f:.]+\]|[\w.-]+)\s*(?::\s*(\d{1,5}))?\s*(?:;(.*))?$/is

/** The branch prefix of RFC 3261; a branch without it (or with nothing after it) identifies nothing. */
export const magicCookie = 'z9hG4bK'

/** Read one Via value. */
export function parseVia(text: string): Via {
  const match = shape.exec(text)
  if (!match?.[1] || !match[2]) throw new SipParseError('header', 'Via')
  const port = match[3] === undefined ? undefined : Number(match[3])
  if (port !== undefined && (port < 1 || port > 65_535)) throw new SipParseError('header', 'Via')
  return {
    transport: match[1].toUpperCase(),
    host: match[2].toLowerCase(),
    port,
    params: match[4] === undefined ? new Map() : parseParams(match[4], 'Via'),
  }
}

/** Write one Via value. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport} ${via.host}${port}${formatParams(via.params)}`
}
