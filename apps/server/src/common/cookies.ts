/** A cookie's value in a Cookie header (RFC 6265 section 4.2), or undefined. The first of a name counts. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const mark = pair.indexOf('=')
    if (mark > 0 && pair.slice(0, mark).trim() === name) return pair.slice(mark + 1).trim()
  }
  return undefined
}

/**
 * A Set-Cookie header for a value of URL-safe characters: HttpOnly, SameSite=Lax, for the whole host.
 * `maxAge` in seconds; 0 deletes the cookie.
 */
export function writeCookie(name: string, value: string, options: { secure: boolean; maxAge: number }): string {
  const secure = options.secure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${options.maxAge}; HttpOnly; SameSite=Lax${secure}`
}
