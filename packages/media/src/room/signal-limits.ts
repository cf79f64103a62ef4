import type { SignalRequest } from '@livekit/protocol'
import { MAX_LIST } from '../common/limits.ts'

/** A client's message is larger than it may be. */
export class SignalError extends Error {
  override name = 'SignalError'
}

/** Bytes of a message that carries no SDP: own metadata and attributes are the largest. */
const MAX_SMALL_SIGNAL = 160_000
/** First byte of a SignalRequest with an offer (field 1) or an answer (field 2). */
const DESCRIPTIONS = new Set([0x0a, 0x12])

/** Throws SignalError for a message too large for its kind, before it is decoded. */
export function checkSize(data: Uint8Array): void {
  if (data.length > MAX_SMALL_SIGNAL && !DESCRIPTIONS.has(data[0]!)) throw new SignalError(`a message of ${data.length} bytes`)
}

/** Throws SignalError when a list in the message is longer than any client needs. */
export function checkLists({ message }: SignalRequest): void {
  let most = MAX_LIST.ofMessage
  let length = 0
  switch (message.case) {
    case 'subscription':
      length = message.value.trackSids.length + entries(message.value.participantTracks)
      break
    case 'trackSetting':
      length = message.value.trackSids.length
      break
    case 'subscriptionPermission':
      length = entries(message.value.trackPermissions)
      break
    case 'updateLayers':
      most = MAX_LIST.ofTrack
      length = message.value.layers.length
      break
    case 'updateAudioTrack':
      most = MAX_LIST.ofTrack
      length = message.value.features.length
      break
    case 'updateMetadata':
      length = Object.keys(message.value.attributes).length
      break
    default:
      return
  }
  if (length > most) throw new SignalError(`${message.case}: a list of ${length}`)
}

function entries(items: { trackSids: string[] }[]): number {
  return items.reduce((sum, { trackSids }) => sum + 1 + trackSids.length, 0)
}
