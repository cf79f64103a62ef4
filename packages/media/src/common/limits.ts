import { TwirpError } from './twirp-error.ts'

/** Characters of a participant's or a track's name. */
export const MAX_NAME = 256
const MAX_METADATA = 64_000
const MAX_ATTRIBUTES = 64_000
const MAX_ATTRIBUTE_COUNT = 1_000

/** The longest lists taken of a client: of a track's layers, codecs and features, and of tracks or people named in a message. */
export const MAX_LIST = { ofTrack: 16, ofMessage: 2_000 }

/** Throws TwirpError invalid_argument when a participant's name is too long or has control characters. */
export function checkName(name: string): void {
  if (name.length > MAX_NAME) throw new TwirpError('invalid_argument', 'name length exceeds limits')
  if (/\p{Cc}/u.test(name)) throw new TwirpError('invalid_argument', 'name has control characters')
}

/** Throws TwirpError invalid_argument when metadata is too large. */
export function checkMetadata(metadata: string): void {
  if (Buffer.byteLength(metadata) > MAX_METADATA) throw new TwirpError('invalid_argument', 'metadata size exceeds limits')
}

/** Throws TwirpError invalid_argument when the attributes together are too large. */
export function checkAttributes(attributes: Record<string, string>): void {
  let size = 0
  if (Object.keys(attributes).length > MAX_ATTRIBUTE_COUNT)
    throw new TwirpError('invalid_argument', `more than ${MAX_ATTRIBUTE_COUNT} attributes`)
  for (const [name, value] of Object.entries(attributes)) size += Buffer.byteLength(name) + Buffer.byteLength(value)
  if (size > MAX_ATTRIBUTES) throw new TwirpError('invalid_argument', 'attribute size exceeds limits')
}

/** Attributes after an update: an empty value deletes. */
export function mergeAttributes(current: Record<string, string>, update: Record<string, string>): Record<string, string> {
  const merged: Record<string, string> = { ...current }
  for (const [name, value] of Object.entries(update)) {
    if (value === '') delete merged[name]
    else merged[name] = value
  }
  return merged
}
