import { type AddTrackRequest, AudioTrackFeature, RequestResponse_Reason, VideoLayer, VideoQuality } from '@livekit/protocol'
import { MAX_LIST, MAX_NAME } from '../common/limits.ts'
import { type Grants, mayPublish } from '../token/grants.ts'

/** Tracks one participant may have, announced and published together. */
const MAX_TRACKS = 16
const MAX_CID = 256
const MAX_CODEC = 32
const MAX_SIDE = 16_384

/** Why a track is not taken, as the client is told. */
export interface Refusal {
  reason: RequestResponse_Reason
  message: string
}

/**
 * What is wrong with an AddTrackRequest; undefined when it can be taken. `count` is how many tracks the participant has.
 * The client's ids are its own keys and are never shown to others; what is shown is bounded here.
 */
export function refusalOf(request: AddTrackRequest, grants: Grants, count: number): Refusal | undefined {
  const { INVALID_REQUEST, NOT_ALLOWED, LIMIT_EXCEEDED } = RequestResponse_Reason
  if (!mayPublish(grants, request.source, request.type))
    return { reason: NOT_ALLOWED, message: 'does not have permission to publish a track of that type from that source' }
  const cids = [request.cid, ...request.simulcastCodecs.map(({ cid }) => cid)]
  const layers = [request.layers, ...request.simulcastCodecs.map((codec) => codec.layers)]
  const isLong =
    request.name.length > MAX_NAME ||
    cids.some((cid) => cid.length > MAX_CID) ||
    request.simulcastCodecs.some(({ codec }) => codec.length > MAX_CODEC) ||
    [request.simulcastCodecs, request.audioFeatures, ...layers].some((list) => list.length > MAX_LIST.ofTrack)
  if (isLong) return { reason: LIMIT_EXCEEDED, message: 'a name or a list of the track exceeds limits' }
  if (request.cid === '' || /\p{Cc}/u.test(request.name)) return { reason: INVALID_REQUEST, message: 'cid or name is invalid' }
  if (count >= MAX_TRACKS) return { reason: LIMIT_EXCEEDED, message: `more than ${MAX_TRACKS} tracks` }
  return undefined
}

/** The layers a client names, as others are shown them: one for each quality, low first, sizes and bit rate only. */
export function layersOf(said: VideoLayer[]): VideoLayer[] {
  const layers: VideoLayer[] = []
  for (const quality of [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH]) {
    const layer = said.find((item) => item.quality === quality)
    if (layer === undefined) continue
    const { width, height, bitrate } = layer
    layers.push(new VideoLayer({ quality, width: sideOf(width), height: sideOf(height), bitrate }))
  }
  return layers
}

/** A width or height in pixels. */
export function sideOf(pixels: number): number {
  return Math.min(MAX_SIDE, pixels)
}

/** The features of a client's sound that are known, each once. */
export function featuresOf(said: AudioTrackFeature[]): AudioTrackFeature[] {
  return [...new Set(said)].filter((feature) => AudioTrackFeature[feature] !== undefined)
}
