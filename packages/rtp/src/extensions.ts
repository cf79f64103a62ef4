/** RTP header extensions we know (RFC 8285), by the short names used in the code. */
export const EXTENSION_URIS = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  orientation: 'urn:3gpp:video-orientation',
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  dependencyDescriptor: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  playoutDelay: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
} as const

type ExtensionName = keyof typeof EXTENSION_URIS

/** Extension ids of one connection; 0 where it was not negotiated. */
export type ExtensionIds = Record<ExtensionName, number>

const NAMES = Object.keys(EXTENSION_URIS) as ExtensionName[]
const BY_URI = new Map<string, ExtensionName>(NAMES.map((name) => [EXTENSION_URIS[name], name]))

/** No extension negotiated. */
export function noExtensions(): ExtensionIds {
  return Object.fromEntries(NAMES.map((name) => [name, 0])) as ExtensionIds
}

/** The short name of an extension, undefined when we do not know it. */
export function extensionName(uri: string): ExtensionName | undefined {
  return BY_URI.get(uri)
}

/**
 * Finds extension `id` in a packet whose extension block (after its 4-byte head) is [start, end).
 * Returns where its data lies as one number, so that the hot path allocates nothing: extensionStart and extensionLength take
 * it apart. -1 when it is not there.
 */
export function findExtension(packet: Buffer, profile: number, start: number, end: number, id: number): number {
  if (id === 0) return -1
  let at = start
  if (profile === 0xbede) {
    while (at < end) {
      const head = packet[at]!
      if (head === 0) {
        at++
        continue
      }
      const current = head >> 4
      if (current === 15) return -1
      const length = (head & 15) + 1
      if (at + 1 + length > end) return -1
      if (current === id) return (at + 1) * 256 + length
      at += 1 + length
    }
    return -1
  }
  if ((profile & 0xfff0) !== 0x1000) return -1
  while (at + 1 < end) {
    const current = packet[at]!
    if (current === 0) {
      at++
      continue
    }
    const length = packet[at + 1]!
    if (at + 2 + length > end) return -1
    if (current === id) return (at + 2) * 256 + length
    at += 2 + length
  }
  return -1
}

/** Where the data begins that findExtension found, in bytes of the packet. */
export function extensionStart(found: number): number {
  return Math.floor(found / 256)
}

/** How many bytes of data findExtension found, 0 to 255. */
export function extensionLength(found: number): number {
  return found % 256
}
