import { SdpError } from './sdp-error.ts'

/** One `a=` line: `rtpmap:0 PCMU/8000` is `['rtpmap', '0 PCMU/8000']`, a flag has the value ''. */
export type Attribute = readonly [name: string, value: string]

/** One `m=` line and what follows it, as far as a call reads it (RFC 4566 section 5.14). */
export interface MediaSection {
  type: string
  port: number
  protocol: string
  formats: string[]
  /** The address of its own `c=` line. */
  connection: string | undefined
  attributes: Attribute[]
}

/** A session description: the values of lines that matter to a call, none of them looked into further. */
export interface Description {
  connection: string | undefined
  attributes: Attribute[]
  media: MediaSection[]
}

const maxBytes = 16_384
const maxMedia = 16
const maxFormats = 64

/** Read a session description (RFC 4566), line by line, each once. Throws SdpError `malformed`. */
export function readDescription(body: Buffer): Description {
  if (body.length > maxBytes) throw new SdpError('malformed', 'session description too long')
  const [first, ...lines] = body.toString('utf8').split('\n')
  if (first?.trimEnd() !== 'v=0') throw new SdpError('malformed', 'session description does not start with v=0')
  const description: Description = { connection: undefined, attributes: [], media: [] }
  let section: Description | MediaSection = description
  for (const line of lines) {
    const value = (line.endsWith('\r') ? line.slice(0, -1) : line).slice(2)
    if (line.startsWith('m=')) {
      if (description.media.length >= maxMedia) throw new SdpError('malformed', 'too many media')
      const media = readMedia(value)
      description.media.push(media)
      section = media
    } else if (line.startsWith('c=')) section.connection = readConnection(value)
    else if (line.startsWith('a=')) section.attributes.push(readAttribute(value))
  }
  return description
}

/** The value of the first attribute of that name; nothing when there is none. */
export function attributeOf({ attributes }: { attributes: readonly Attribute[] }, name: string): string | undefined {
  return attributes.find(([other]) => other === name)?.[1]
}

function readMedia(value: string): MediaSection {
  const [type = '', port = '', protocol = '', ...formats] = value.split(' ', 3 + maxFormats)
  // A number of ports may follow the first (section 5.14); nobody sends audio by several.
  const first = port.split('/', 1)[0]!
  const isMedia = isWord(type) && isWord(protocol) && /^\d{1,5}$/.test(first) && Number(first) <= 65_535
  if (!isMedia) throw new SdpError('malformed', 'media line')
  return { type, port: Number(first), protocol, formats: formats.filter(isWord), connection: undefined, attributes: [] }
}

/** Visible ASCII: fit to be repeated in an answer. */
function isWord(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

function readConnection(value: string): string {
  const [, , address = ''] = value.split(' ', 3)
  return address.split('/', 1)[0]!
}

function readAttribute(value: string): Attribute {
  const colon = value.indexOf(':')
  return colon < 0 ? [value.trimEnd(), ''] : [value.slice(0, colon), value.slice(colon + 1).trimEnd()]
}
