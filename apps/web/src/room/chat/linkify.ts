type Part = { kind: 'text' | 'mention' | 'self'; text: string } | { kind: 'link'; text: string; href: string }

const address = /https?:\/\/[^\s<>"'`\u200B-\u200F\u202A-\u202E\u2066-\u2069]+/giu

function links(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(address)) {
    const found = withoutSentence(match[0])
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

const punctuation = '.,;:!?»”’'

/** An address without what belongs to the sentence around it: punctuation, and brackets that it does not open. */
function withoutSentence(text: string): string {
  let unopened = text.split(')').length - text.split('(').length
  let end = text.length
  for (; end > 0; end -= 1) {
    const last = text[end - 1]!
    if (last === ')' && unopened > 0) unopened -= 1
    else if (!punctuation.includes(last)) break
  }
  return text.slice(0, end)
}

/**
 * Cut a message into text, links (http and https only) and mentions. `names` are the names of those mentioned,
 * `self` one's own when among them. Joined together the parts are the message again.
 */
export function partsOf(text: string, names: string[] = [], self: string | null = null): Part[] {
  const known = [...new Set(names.filter((name) => name !== ''))].sort((a, b) => b.length - a.length)
  if (known.length === 0) return links(text)
  const parts: Part[] = []
  let at = 0
  for (let sign = text.indexOf('@'); sign >= 0; sign = text.indexOf('@', Math.max(at, sign + 1))) {
    const name = known.find((each) => text.startsWith(each, sign + 1))
    if (name === undefined) continue
    parts.push(...links(text.slice(at, sign)))
    at = sign + 1 + name.length
    parts.push({ kind: name === self ? 'self' : 'mention', text: text.slice(sign, at) })
  }
  return [...parts, ...links(text.slice(at))]
}
