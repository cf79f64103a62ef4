import { randomBytes } from 'node:crypto'
import type { SrtpKey } from '../media/agreed-media.ts'
import type { SrtpSuite } from '../media/srtp.ts'
import { masterKeyBytes, masterSaltBytes } from '../media/srtp-keys.ts'

/** One usable a=crypto line (RFC 4568). */
export interface CryptoLine extends SrtpKey {
  tag: number
}

const suites: readonly string[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] satisfies SrtpSuite[]

/**
 * Read the value of an a=crypto line: `1 AES_CM_128_HMAC_SHA1_80 inline:…|2^31`. Nothing when it asks for anything not
 * done here: other suites, several keys, MKI, session parameters.
 */
export function parseCrypto(value: string): CryptoLine | undefined {
  const [tag = '', suiteText = '', config = '', sessionParameter] = value.split(' ', 4)
  const suite = suiteText.toUpperCase()
  if (!/^\d{1,9}$/.test(tag) || !suites.includes(suite) || sessionParameter) return undefined
  if (!config.startsWith('inline:')) return undefined
  // What may follow the key: a lifetime, which is let pass, and an MKI, which has a colon.
  const [encoded = '', ...rest] = config.slice('inline:'.length).split('|', 4)
  if (!/^[A-Za-z0-9+/=]+$/.test(encoded) || rest.some((part) => !/^[^:;]+$/.test(part))) return undefined
  const keySalt = Buffer.from(encoded, 'base64')
  if (keySalt.length !== masterKeyBytes + masterSaltBytes) return undefined
  return { tag: Number(tag), suite: suite as SrtpSuite, keySalt }
}

/** A new key for our direction. */
export function newCrypto(tag: number, suite: SrtpSuite): CryptoLine {
  return { tag, suite, keySalt: randomBytes(masterKeyBytes + masterSaltBytes) }
}

/** The value of an a=crypto line. */
export function formatCrypto({ tag, suite, keySalt }: CryptoLine): string {
  return `${tag} ${suite} inline:${keySalt.toString('base64')}`
}
