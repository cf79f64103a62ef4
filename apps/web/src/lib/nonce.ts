/**
 * The nonce that the Content-Security-Policy allows styles with, from `<meta property="csp-nonce" nonce="…">`
 * (what Vite's own loader reads too) or `<meta name="csp-nonce" content="…">`; undefined when there is none.
 */
export function cspNonce(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"], meta[name="csp-nonce"]')
  // Browsers hide the attribute from getAttribute and keep it in the property.
  return meta?.nonce || meta?.getAttribute('nonce') || meta?.content || undefined
}
