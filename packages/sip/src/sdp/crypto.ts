import { randomBytes } from 'node:crypto'
import type { SrtpSuite } from '../media/srtp.ts'
import { masterKeyBytes, masterSaltBytes } from '../media/srtp-keys.ts'

/** One usable a=crypto line (RFC 4568). */
export interface CryptoLine {
  tag: number
  suite: SrtpSuite
  keySalt: Buffer
}

const suites: readonly string[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] satisfies SrtpSuite[]

/** Read an a=crypto line; nothing when it asks for anything not done here (other suites, MKI, session parameters). */
export function parseCrypto(line: {
  id: number
  suite: string
  config: string
  sessionConfig?: string | undefined
}): CryptoLine | undefined {
  const suite = line.suite.toUpperCase()
  if (!suites.includes(suite) || line.sessionConfig) return undefined
  const match = /^inline:([A-Za-z0-9+/=]+)((?:\|[^|;]+)*)$/.exec(line.config)
  if (!match || match[2]!.includes(':')) return undefined
  const keySalt = Buffer.from(match[1]!, 'base64')
  if (keySalt.length !== masterKeyBytes + masterSaltBytes) return undefined
  return { tag: line.id, suite: suite as SrtpSuite, keySalt }
}

/** A new key for our direction. */
export function newCrypto(tag: number, suite: SrtpSuite): CryptoLine {
  return { tag, suite, keySalt: randomBytes(masterKeyBytes + masterSaltBytes) }
}

/** The value of an a=crypto line. */
export function formatCrypto({ tag, suite, keySalt }: CryptoLine): { id: number; suite: string; config: string } {
  return { id: tag, suite, config: `inline:${keySalt.toString('base64')}` }
}
