import { SubscribedCodec, SubscribedQuality, SubscribedQualityUpdate, VideoQuality } from '@livekit/protocol'
import type { Carried, Downlink } from './downlink.ts'
import type { PublishedTrack } from './published-track.ts'

/** A lower simulcast layer is asked for only after the higher has been unwanted this long. */
const HOLD_MS = 3_000
const HIGHEST = 2
/** A track whose publisher was told nothing yet (PublishedTrack.toldQuality). */
const UNTOLD = -2

interface Publisher {
  send(message: { case: 'subscribedQualityUpdate'; value: SubscribedQualityUpdate }): void
}

interface Subscriber {
  readonly downlink: Pick<Downlink, 'get'>
  wantedLayer(carried: Carried, track: PublishedTrack): number
}

/** Tells a publisher which layers of a video anybody wants, so that it need not encode the others. Milliseconds. */
export function tellWanted(publisher: Publisher, track: PublishedTrack, subscribers: Iterable<Subscriber>, now: number): void {
  if (track.kind !== 'video' || track.media === undefined) return
  const { sid } = track.info
  let highest = -1
  for (const subscriber of subscribers) {
    const carried = subscriber.downlink.get(sid)
    if (carried !== undefined) highest = Math.max(highest, subscriber.wantedLayer(carried, track))
  }
  if (highest === track.toldQuality) {
    track.lowerSince = 0
    return
  }
  // A track begins with every layer on: the same goes for what was never said.
  if (highest < (track.toldQuality === UNTOLD ? HIGHEST : track.toldQuality)) {
    if (track.lowerSince === 0) track.lowerSince = now
    if (now - track.lowerSince < HOLD_MS) return
  }
  track.lowerSince = 0
  track.toldQuality = highest
  const subscribedQualities = [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH].map(
    (quality) => new SubscribedQuality({ quality, enabled: quality <= highest }),
  )
  const subscribedCodecs = [new SubscribedCodec({ codec: track.codec, qualities: subscribedQualities })]
  const value = new SubscribedQualityUpdate({ trackSid: sid, subscribedQualities, subscribedCodecs })
  publisher.send({ case: 'subscribedQualityUpdate', value })
}
