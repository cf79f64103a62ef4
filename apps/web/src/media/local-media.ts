import {
  createLocalAudioTrack,
  createLocalScreenTracks,
  createLocalVideoTrack,
  LocalAudioTrack,
  type LocalTrack,
  LocalVideoTrack,
  type Room,
  ScreenSharePresets,
  Track,
} from 'livekit-client'
import { cameraConstraints, microphoneConstraints } from '../devices/device-session.ts'

// livekit-client's own classes do not fit its base class under exactOptionalPropertyTypes.
type Publishable = LocalTrack | LocalAudioTrack

const withDevice = (id: string) => (id ? { deviceId: id } : {})

/** One's own camera, microphone and screen: kept through reconnections and published again after each. */
export class LocalMedia {
  readonly #room: Room
  microphone: LocalAudioTrack | null = null
  camera: LocalVideoTrack | null = null
  screen: LocalTrack[] = []

  constructor(room: Room) {
    this.#room = room
  }

  /** Take over tracks that the page before joining has already opened. */
  adopt(camera: MediaStreamTrack | null, microphone: MediaStreamTrack | null): void {
    if (camera?.readyState === 'live') this.camera = new LocalVideoTrack(camera, { ...cameraConstraints }, false)
    if (microphone?.readyState === 'live') {
      this.microphone = new LocalAudioTrack(microphone, { ...microphoneConstraints }, false)
    }
  }

  /** Publish what there is and is allowed, and let go of the rest; called after every connection. */
  async publishAll(allowed: (source: Track.Source) => boolean): Promise<void> {
    const jobs: [Publishable | null, Track.Source][] = [
      [this.microphone, Track.Source.Microphone],
      [this.camera, Track.Source.Camera],
      ...this.screen.map((track): [Publishable, Track.Source] => [track, track.source]),
    ]
    await Promise.allSettled(
      jobs.map(async ([track, source]) => {
        if (!track || this.#room.localParticipant.getTrackPublication(source)?.track === track) return
        // Nobody's camera stays on for nothing.
        if (!allowed(source)) return this.dropped(track as LocalTrack)
        await this.#room.localParticipant.publishTrack(track as LocalTrack, { source })
      }),
    )
  }

  async setMicrophone(on: boolean, deviceId: string): Promise<void> {
    if (!on) {
      await this.microphone?.mute()
      return
    }
    if (!this.microphone || this.microphone.mediaStreamTrack.readyState === 'ended') {
      const old = this.microphone
      this.microphone = await createLocalAudioTrack({ ...microphoneConstraints, ...withDevice(deviceId) } as Parameters<
        typeof createLocalAudioTrack
      >[0])
      if (old) await this.#room.localParticipant.unpublishTrack(old as LocalTrack, true)
    }
    await this.#publish(this.microphone, Track.Source.Microphone)
    await this.microphone.unmute()
  }

  async setCamera(on: boolean, deviceId: string): Promise<void> {
    if (!on) {
      await this.camera?.mute()
      return
    }
    if (!this.camera || (this.camera.mediaStreamTrack.readyState === 'ended' && !this.camera.isMuted)) {
      const old = this.camera
      this.camera = await createLocalVideoTrack({
        resolution: { width: 1280, height: 720, frameRate: 30 },
        ...withDevice(deviceId),
      })
      if (old) await this.#room.localParticipant.unpublishTrack(old as LocalTrack, true)
    }
    await this.#publish(this.camera, Track.Source.Camera)
    await this.camera.unmute()
  }

  /** Share a screen, window or tab; `ended` is called when the browser's own button stops it. */
  async startScreen(ended: () => void): Promise<void> {
    const tracks = await createLocalScreenTracks({
      audio: true,
      resolution: ScreenSharePresets.h1080fps15.resolution,
      contentHint: 'detail',
    })
    this.screen = tracks
    for (const track of tracks) {
      track.mediaStreamTrack.addEventListener('ended', ended)
      await this.#publish(track, track.source)
    }
  }

  async stopScreen(): Promise<void> {
    const tracks = this.screen
    this.screen = []
    for (const track of tracks) {
      track.stop()
      await this.#room.localParticipant.unpublishTrack(track, true).catch(() => undefined)
    }
  }

  /** The server took a track out of the room: let the device go. */
  dropped(track: LocalTrack): void {
    if (this.camera === track) this.camera = null
    if (this.microphone === track) this.microphone = null
    this.screen = this.screen.filter((one) => one !== track)
    track.stop()
  }

  stop(): void {
    for (const track of [this.camera, this.microphone, ...this.screen]) track?.stop()
    this.camera = null
    this.microphone = null
    this.screen = []
  }

  async #publish(track: Publishable, source: Track.Source): Promise<void> {
    if (this.#room.state !== 'connected') return
    if (this.#room.localParticipant.getTrackPublication(source)?.track === track) return
    await this.#room.localParticipant.publishTrack(track as LocalTrack, { source })
  }
}
