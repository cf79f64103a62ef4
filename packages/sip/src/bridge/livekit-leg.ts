import {
  AudioFrame,
  AudioSource,
  AudioStream,
  DisconnectReason,
  LocalAudioTrack,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { mixAll } from '../media/mixer.ts'
import { frameMs, frameSamples } from '../media/pcm.ts'
import { FrameQueue } from './frame-queue.ts'
import { muteTrack } from './mute.ts'
import type { ConnectRoom, RoomEvents, RoomLeg, RoomLoss } from './room.ts'

const connectTimeout = 15_000

const losses: Partial<Record<DisconnectReason, RoomLoss>> = {
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'ended',
  [DisconnectReason.ROOM_CLOSED]: 'ended',
}

interface Ear {
  queue: FrameQueue
  reader: ReadableStreamDefaultReader<AudioFrame>
}

/** A phone in a LiveKit room through rtc-node: publishes a microphone, subscribes to all other sound. */
class LivekitLeg implements RoomLeg {
  readonly #room = new Room()
  readonly #source: AudioSource
  readonly #rate: number
  readonly #events: RoomEvents
  readonly #ears = new Map<RemoteTrack, Ear>()
  #track: LocalAudioTrack | undefined
  #muted = false
  #closed = false

  constructor(rate: number, events: RoomEvents) {
    this.#rate = rate
    this.#events = events
    this.#source = new AudioSource(rate, 1, 200)
  }

  async connect(url: string, token: string): Promise<void> {
    const room = this.#room
    room.on(RoomEvent.TrackSubscribed, (track) => this.#listen(track))
    room.on(RoomEvent.TrackUnsubscribed, (track) => this.#deafen(track))
    room.on(RoomEvent.ParticipantConnected, () => this.#events.others('joined'))
    room.on(RoomEvent.ParticipantDisconnected, () => this.#events.others('left'))
    room.on(RoomEvent.TrackMuted, (_, { identity }) => this.#mutedByServer(identity, true))
    room.on(RoomEvent.TrackUnmuted, (_, { identity }) => this.#mutedByServer(identity, false))
    room.on(RoomEvent.Disconnected, (reason) => {
      if (this.#closed) return
      void this.close()
      this.#events.lost(losses[reason] ?? 'lost')
    })
    const joined = room.connect(url, token, { autoSubscribe: true, dynacast: false })
    await within(joined, connectTimeout)
    const track = LocalAudioTrack.createAudioTrack('telephone', this.#source)
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: false })
    await within(room.localParticipant!.publishTrack(track, options), connectTimeout)
    this.#track = track
  }

  speak(pcm: Int16Array): void {
    if (this.#closed || this.#muted) return
    // A frame that cannot be taken is lost, as a packet would be; the connection's own events tell of its end.
    this.#source.captureFrame(new AudioFrame(pcm, this.#rate, 1, pcm.length)).catch(() => {})
  }

  hear(): Int16Array | undefined {
    const frames: Int16Array[] = []
    for (const { queue } of this.#ears.values()) {
      const frame = queue.pull()
      if (frame) frames.push(frame)
    }
    return frames.length === 0 ? undefined : mixAll(frames, frameSamples(this.#rate))
  }

  async setMuted(muted: boolean): Promise<void> {
    if (!this.#track || muted === this.#muted) return
    this.#muted = muted
    muteTrack(this.#track, muted)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const track of [...this.#ears.keys()]) this.#deafen(track)
    await this.#room.disconnect().catch(() => {})
    await this.#source.close().catch(() => {})
  }

  #mutedByServer(identity: string, muted: boolean): void {
    if (identity !== this.#room.localParticipant?.identity || muted === this.#muted) return
    this.#muted = muted
    this.#events.muted(muted)
  }

  #listen(track: RemoteTrack): void {
    if (track.kind !== TrackKind.KIND_AUDIO || this.#closed) return
    const stream = new AudioStream(track, { sampleRate: this.#rate, numChannels: 1, frameSizeMs: frameMs })
    const ear = { queue: new FrameQueue(this.#rate, frameSamples(this.#rate)), reader: stream.getReader() }
    this.#ears.set(track, ear)
    void this.#drain(track, ear)
  }

  async #drain(track: RemoteTrack, { queue, reader }: Ear): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        queue.push(value.data)
      }
    } catch {
      // The track is gone; what is in the queue is all there will be.
    }
    this.#ears.delete(track)
  }

  #deafen(track: RemoteTrack): void {
    const ear = this.#ears.get(track)
    this.#ears.delete(track)
    ear?.reader.cancel().catch(() => {})
  }
}

async function within<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the meeting server did not answer in time')), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Join a LiveKit room with rtc-node loaded. */
export const connectLoaded: ConnectRoom = async (url, token, rate, events) => {
  const leg = new LivekitLeg(rate, events)
  try {
    await leg.connect(url, token)
    return leg
  } catch (error) {
    await leg.close()
    throw error
  }
}
