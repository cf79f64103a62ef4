import { DirectoryError } from './directory-error.ts'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Schemes a browser would run or read itself rather than hand to an application. */
const unsafeSchemes = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'view-source:'])
const mostUris = 50

/**
 * The redirect URIs of an application, checked (RFC 9700 section 4.1, RFC 8252): https, http on the machine itself
 * (any port then), or an application's own scheme; no fragment, no credentials, no wildcard. Throws DirectoryError.
 */
export function checkedRedirectUris(uris: readonly string[]): string[] {
  if (uris.length > mostUris) throw new DirectoryError('invalid', 'redirectUris', `at most ${mostUris} redirect URIs`)
  for (const uri of uris) {
    const problem = problemOf(uri)
    if (problem !== undefined) throw new DirectoryError('invalid', 'redirectUris', `"${uri.slice(0, 200)}" ${problem}`)
  }
  return [...new Set(uris)]
}

function problemOf(uri: string): string | undefined {
  if (uri.length > 2000 || !/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) return 'is not an address'
  const url = new URL(uri)
  if (uri.includes('#')) return 'must have no fragment'
  if (url.username !== '' || url.password !== '') return 'must hold no user name'
  if (uri.includes('*')) return 'must hold no wildcard'
  if (unsafeSchemes.has(url.protocol)) return 'has a scheme that is not safe'
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) return 'must be https, or http on the machine itself'
  return undefined
}

/** Whether every URI is one of an installed application: its own scheme, or http on the machine itself. */
export function isNative(uris: readonly string[]): boolean {
  return uris.every((uri) => {
    const { protocol, hostname } = new URL(uri)
    return protocol === 'http:' ? loopback.has(hostname) : protocol !== 'https:' || !loopback.has(hostname)
  })
}
