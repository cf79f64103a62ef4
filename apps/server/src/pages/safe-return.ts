/**
 * A path of ours to go back to, from a query or a form: whatever could lead elsewhere (another origin, a scheme,
 * `//host`, backslashes, control characters) becomes the fallback.
 */
export function safeReturn(asked: unknown, fallback: string): string {
  if (typeof asked !== 'string' || asked.length > 2000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked)) return fallback
  const base = 'https://parley.invalid'
  const url = URL.canParse(asked, base) ? new URL(asked, base) : undefined
  if (url === undefined || url.origin !== base || url.pathname.startsWith('//')) return fallback
  return url.pathname + url.search + url.hash
}
