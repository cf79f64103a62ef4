import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  LocalVideoTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node'
import { type Person, within } from './person.ts'

export const sources = {
  microphone: TrackSource.SOURCE_MICROPHONE,
  camera: TrackSource.SOURCE_CAMERA,
  share: TrackSource.SOURCE_SCREENSHARE,
}
export type Source = keyof typeof sources

const side = 64

/** Sends from a source until the room is left. */
export async function sendFrom(room: Room, source: Source): Promise<void> {
  const options = new TrackPublishOptions({ source: sources[source] })
  const publish = (track: LocalAudioTrack | LocalVideoTrack) =>
    within(`a track for the ${source}`, room.localParticipant!.publishTrack(track, options))
  if (source === 'microphone') {
    const sound = new AudioSource(48_000, 1)
    await publish(LocalAudioTrack.createAudioTrack(source, sound))
    repeat(room, () => sound.captureFrame(AudioFrame.create(48_000, 1, 4_800)))
    return
  }
  const picture = new VideoSource(side, side)
  await publish(LocalVideoTrack.createVideoTrack(source, picture))
  repeat(room, async () =>
    picture.captureFrame(new VideoFrame(new Uint8Array((side * side * 3) / 2), side, side, VideoBufferType.I420)),
  )
}

/** What a viewer has of somebody's source: undefined when nothing. */
export function trackOf(viewer: Person, sender: { identity: string }, source: Source) {
  const tracks = viewer.room!.remoteParticipants.get(sender.identity)?.trackPublications.values() ?? []
  return [...tracks].find((track) => track.source === sources[source])
}

function repeat(room: Room, send: () => Promise<void> | void): void {
  const timer = setInterval(() => {
    if (!room.isConnected) clearInterval(timer)
    else Promise.resolve(send()).catch(() => clearInterval(timer))
  }, 100)
}
