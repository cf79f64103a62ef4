import { extensionStart, findExtension } from './extensions.ts'
import { RtpHeader } from './header.ts'

const header = new RtpHeader()

/**
 * How loud an RTP packet says it is (RFC 6464), 0 the loudest to 127 silence; undefined when it does not say. `id` is the
 * extension's, 0 when it was not negotiated.
 */
export function readLevel(packet: Buffer, id: number): number | undefined {
  if (!header.read(packet)) return undefined
  const found = findExtension(packet, header.profile, header.extensionStart, header.extensionEnd, id)
  return found < 0 ? undefined : packet[extensionStart(found)]! & 0x7f
}
