export type Part = { kind: 'text' | 'mention' | 'self'; text: string } | { kind: 'link'; text: string; href: string }

// Trailing punctuation belongs to the sentence and not to the address.
const address = /https?:\/\/[^\s<>"'`\u200B-\u200F\u202A-\u202E\u2066-\u2069]+/giu

function links(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(address)) {
    let found = match[0].replace(/[.,;:!?»”’]+$/u, '')
    while (found.endsWith(')') && (found.match(/\(/g)?.length ?? 0) < (found.match(/\)/g)?.length ?? 0))
      found = found.slice(0, -1)
    let href: string
    try {
      href = new URL(found).href
    } catch {
      continue
    }
    if (match.index > at) parts.push({ kind: 'text', text: text.slice(at, match.index) })
    parts.push({ kind: 'link', text: found, href })
    at = match.index + found.length
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) })
  return parts
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * Cut a message into text, links (http and https only) and mentions. `names` are the names of those mentioned,
 * `self` one's own when among them. Joined together the parts are the message again.
 */
export function partsOf(text: string, names: string[] = [], self: string | null = null): Part[] {
  const known = [...new Set(names.filter((name) => name !== ''))].sort((a, b) => b.length - a.length)
  if (known.length === 0) return links(text)
  const pattern = new RegExp(`@(?:${known.map(literally).join('|')})`, 'gu')
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(pattern)) {
    parts.push(...links(text.slice(at, match.index)))
    parts.push({ kind: match[0] === `@${self}` ? 'self' : 'mention', text: match[0] })
    at = match.index + match[0].length
  }
  return [...parts, ...links(text.slice(at))]
}
