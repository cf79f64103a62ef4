import {
  type AddTrackRequest,
  Encryption_Type,
  SimulcastCodecInfo,
  TrackInfo,
  TrackSource,
  TrackType,
  VideoLayer,
  VideoQuality,
} from '@livekit/protocol'
import type { PublishedMedia } from '../forward/published-media.ts'
import { mimeType, type PublishWishes } from '../sdp/codecs.ts'
import { newId } from './ids.ts'
import { featuresOf, layersOf, sideOf } from './track-request.ts'

const NOMINAL_BITRATES = [150_000, 500_000, 1_700_000]

/**
 * A track a participant announced with AddTrackRequest, and its media once it has been negotiated. Its ids and its stream are
 * the server's: everybody's SDP names it by them.
 */
export class PublishedTrack {
  readonly info: TrackInfo
  /** The ids the client knows it by: its MediaStreamTrack's. */
  readonly cids: string[]
  readonly wishes: PublishWishes
  media: PublishedMedia | undefined
  /** `vp8`, `red`..., as negotiated. */
  codec = ''
  fmtp = ''
  /** Others have been told of it. */
  isPublished = false
  /** The publisher has been told that somebody takes it. */
  isSubscribed = false
  /** Highest layer the publisher was last told to send; -2 before it was told anything. */
  toldQuality = -2
  /** Since when less than toldQuality would do; 0 when it would not. */
  lowerSince = 0

  constructor(request: AddTrackRequest) {
    const simulcastCodec = request.simulcastCodecs[0]
    this.cids = [request.cid, ...request.simulcastCodecs.map(({ cid }) => cid)].filter((cid) => cid !== '')
    const codec = (simulcastCodec?.codec ?? '').toLowerCase().replace(/^(video|audio)\//, '')
    this.wishes = { codec, red: !request.disableRed && !request.stereo, dtx: !request.disableDtx, stereo: request.stereo }
    const said = simulcastCodec !== undefined && simulcastCodec.layers.length > 0 ? simulcastCodec.layers : request.layers
    const layers = layersOf(said)
    this.info = new TrackInfo({
      sid: newId('TR'),
      type: request.type,
      name: request.name,
      muted: request.muted,
      width: sideOf(request.width),
      height: sideOf(request.height),
      simulcast: layers.length > 1,
      disableDtx: request.disableDtx,
      source: request.source,
      layers: layers.length > 0 || request.type !== TrackType.VIDEO ? layers : [singleLayer(request)],
      stereo: request.stereo,
      disableRed: request.disableRed,
      encryption: Encryption_Type[request.encryption] === undefined ? Encryption_Type.NONE : request.encryption,
      stream: streamOf(request.source),
      audioFeatures: featuresOf(request.audioFeatures),
    })
  }

  get kind(): 'audio' | 'video' {
    return this.info.type === TrackType.AUDIO ? 'audio' : 'video'
  }

  get isScreen(): boolean {
    return this.info.source === TrackSource.SCREEN_SHARE
  }

  /** The negotiation settled codec and section. */
  negotiated(codec: string, fmtp: string, mid: string): void {
    this.codec = codec
    this.fmtp = fmtp
    this.info.mimeType = mimeType(codec)
    this.info.mid = mid
    this.info.codecs = [new SimulcastCodecInfo({ mimeType: this.info.mimeType, mid, layers: this.info.layers })]
  }

  /** The client changed the layers it sends. */
  setLayers(said: VideoLayer[]): void {
    const layers = layersOf(said)
    if (layers.length > 0) this.info.layers = layers
  }

  /** The layer that shows `width` x `height`, or that quality when the size is not told. */
  layerFor(quality: VideoQuality, width: number, height: number): number {
    if (quality === VideoQuality.OFF) return -1
    if (width > 0 && height > 0) {
      const wanted = Math.max(width, height)
      const enough = this.info.layers.find((layer) => Math.max(layer.width, layer.height) >= wanted * 0.95)
      const found = enough ?? this.info.layers.at(-1)
      if (found !== undefined && found.width > 0) return spatial(found.quality)
    }
    return spatial(quality)
  }

  /** Bits per second of a layer: measured when it is being sent, else as announced or usual. */
  bitrateOf(layer: number, now: number): number {
    const live = this.media?.layers.find(({ spatial: number }) => number === layer)
    if (live?.isLive(now) === true && live.bitrate > 0) return live.bitrate
    const announced = this.info.layers.find(({ quality }) => spatial(quality) === layer)?.bitrate ?? 0
    return announced > 0 ? announced : NOMINAL_BITRATES[layer]!
  }
}

function spatial(quality: VideoQuality): number {
  return quality === VideoQuality.OFF ? -1 : Math.max(0, Math.min(2, quality))
}

function singleLayer({ width, height }: AddTrackRequest): VideoLayer {
  return new VideoLayer({ quality: VideoQuality.HIGH, width: sideOf(width), height: sideOf(height) })
}

/** Camera and microphone play in step, and so do a screen and its sound. */
function streamOf(source: TrackSource): string {
  if (source === TrackSource.CAMERA || source === TrackSource.MICROPHONE) return 'camera'
  if (source === TrackSource.SCREEN_SHARE || source === TrackSource.SCREEN_SHARE_AUDIO) return 'screen_share'
  return ''
}
