import sanitizeHtml from 'sanitize-html'
import { composed, decomposed } from '../common/compose.ts'

const maxFileName = 200
/** What is looked at of a file name sent to us: its end, where the last segment of a path and the extension are. */
const maxSentName = 1_000

/** C0 and C1 controls besides tab and newline, separators of lines and paragraphs, and what has no width but to deceive. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufff9-\ufffb\u00ad\u2060-\u2064\u180e]/g
/** Embeddings, overrides and isolates: they would reorder what stands around the text. The two marks LRM and RLM stay. */
const reordering = /[\u202a-\u202e\u2066-\u2069]/g
/** Tag characters belong into flags and nowhere else; the first group is such a flag. */
const tags = /(\u{1f3f4}[\u{e0020}-\u{e007e}]{1,6}\u{e007f})|[\u{e0000}-\u{e007f}]/gu
const invisible = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Marks stacked beyond reason. */
const stacked = /(\p{M}{8})\p{M}+/gu

/** A person's text made safe to show: well-formed, composed (NFC), one kind of newline, without controls or reordering. */
export function cleanText(text: string): string {
  const plain = text.toWellFormed().replace(/\r\n?/g, '\n').replace(controls, '').replace(reordering, '').replace(tags, '$1')
  return composed(plain)
    .replace(stacked, '$1')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim()
}

/** Whether nothing of a text can be seen. */
export function isBlank(text: string): boolean {
  return text.replace(invisible, '') === ''
}

/** A single line: newlines and tabs become spaces. */
export function cleanLine(text: string): string {
  return cleanText(text.replace(/[\n\r\t]+/g, ' '))
}

/** A text as searching compares it: without case, accents and width. */
export function foldText(text: string): string {
  return decomposed(text).replace(/\p{M}/gu, '').toLowerCase()
}

/** A name for a download: its last path segment, without what a file system or a header could take for something else. */
export function cleanFileName(name: string): string {
  const sent = name.length <= maxSentName ? name : name.slice(-maxSentName)
  const last = cleanLine(sent).split(/[/\\]/).at(-1)!
  const whole = last
    .replace(/[<>:"|?*]/g, '_')
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/^\.+/, '')
  const safe = withoutTail(whole)
  if (isBlank(safe)) return 'file'
  if (safe.length <= maxFileName) return safe
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(safe)?.[0] ?? ''
  return `${safe
    .slice(0, maxFileName - extension.length)
    .toWellFormed()
    .replace(/\ufffd$/, '')}${extension}`
}

/** Without the dots and blanks at its end, which Windows leaves out. */
function withoutTail(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1
  return name.slice(0, end)
}

/** A media type in the form `type/subtype`, or `application/octet-stream`. */
export function cleanMediaType(type: string | undefined): string {
  const plain = (type ?? '').split(';')[0]!.trim().toLowerCase()
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/.test(plain) ? plain : 'application/octet-stream'
}

/** One emoji as people see one (with or without its variation selector), in its qualified form; undefined for anything else. */
export function readEmoji(text: string): string | undefined {
  if (text.length > 64) return undefined
  if (/^\p{RGI_Emoji}$/v.test(text)) return text
  const qualified = `${text.replace(/\ufe0f$/, '')}\ufe0f`
  return /^\p{RGI_Emoji}$/v.test(qualified) ? qualified : undefined
}

const shownTags = [
  ...['a', 'at', 'b', 'blockquote', 'br', 'code', 'div', 'em', 'h1', 'h2', 'h3', 'hr', 'i', 'li', 'ol', 'p', 'pre', 's'],
  ...['span', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'],
]

/** HTML of a message with nothing in it that runs, loads or is styled: text, structure and links. */
export function cleanHtml(html: string): string {
  const safe = sanitizeHtml(html.toWellFormed().replace(controls, '').replace(reordering, ''), {
    allowedTags: shownTags,
    allowedAttributes: { a: ['href', 'title'], at: ['id'] },
    allowedSchemes: ['https', 'http', 'mailto', 'tel'],
    allowProtocolRelative: false,
    nestingLimit: 50,
  })
  return safe.trim()
}

const blocks = new Set(['p', 'div', 'br', 'li', 'tr', 'h1', 'h2', 'h3', 'blockquote', 'pre', 'hr'])

/** The text of a message's HTML, a line for each block; what the room shows. */
export function textOfHtml(html: string): string {
  const text = sanitizeHtml(html, {
    allowedTags: [...blocks],
    allowedAttributes: {},
    nestingLimit: 50,
  })
  return cleanText(
    unescapeHtml(
      text
        .replace(/<(br|hr)\s*\/?>/gi, '\n')
        .replace(/<\/[a-z0-9]+>/gi, '\n')
        .replace(/<[a-z0-9]+>/gi, ''),
    ),
  )
}

/** Undo the escapes sanitize-html writes; it has read every other entity already. */
function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
