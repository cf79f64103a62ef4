import { createHash } from 'node:crypto'
import { quote, unquote } from '../message/params.ts'
import { Scanner } from '../message/scan.ts'

/** Digest algorithms we answer and ask with (RFC 3261 section 22, RFC 8760). */
export type DigestAlgorithm = 'MD5' | 'SHA-256'

/** RFC 7616 names thirteen. */
const mostFields = 32

const hashes: Record<DigestAlgorithm, string> = { MD5: 'md5', 'SHA-256': 'sha256' }

/** Hex digest of text. MD5 is here because telephone providers still offer nothing else. */
function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(hashes[algorithm]).update(text, 'latin1').digest('hex')
}

/** Read `Digest a=b, c="d"`. Nothing when it is another scheme or malformed. Names in lower case, values unquoted. */
export function parseDigest(header: string): Map<string, string> | undefined {
  const scanner = new Scanner(header)
  scanner.blanks()
  if (scanner.run('token').toLowerCase() !== 'digest' || !scanner.blanks()) return undefined
  const fields = new Map<string, string>()
  while (!scanner.done) {
    const name = scanner.run('token').toLowerCase()
    if (name === '' || fields.size >= mostFields || !scanner.separator('=')) return undefined
    const value = scanner.quoted() ?? scanner.run('value')
    const more = scanner.separator(',')
    if (value === '' || (!more && !scanner.done)) return undefined
    fields.set(name, unquote(value))
  }
  return fields
}

/** Write a Digest header; fields named in `bare` go without quotes. */
export function formatDigest(fields: Iterable<readonly [string, string]>, bare: readonly string[]): string {
  return `Digest ${[...fields].map(([name, value]) => `${name}=${bare.includes(name) ? value : quote(value)}`).join(', ')}`
}

export interface DigestInput {
  algorithm: DigestAlgorithm
  ha1: string
  method: string
  uri: string
  nonce: string
  qop: string | undefined
  nc: string
  cnonce: string
}

/** The user's part of the response: hash of name, realm and password. */
export function digestHa1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hash(algorithm, Buffer.from(`${username}:${realm}:${password}`, 'utf8').toString('latin1'))
}

/** The `response` value (RFC 7616 section 3.4.1). */
export function digestResponse(input: DigestInput): string {
  const ha2 = hash(input.algorithm, `${input.method}:${input.uri}`)
  const middle = input.qop === undefined ? '' : `${input.nc}:${input.cnonce}:${input.qop}:`
  return hash(input.algorithm, `${input.ha1}:${input.nonce}:${middle}${ha2}`)
}
