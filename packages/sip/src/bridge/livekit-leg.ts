import {
  AudioFrame,
  AudioSource,
  AudioStream,
  DisconnectReason,
  LocalAudioTrack,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { mixAll } from '../media/mixer.ts'
import { frameMs, frameSamples } from '../media/pcm.ts'
import { FrameQueue } from './frame-queue.ts'
import { grantsOf } from './grants.ts'
import { type HubMember, hubOf, type RoomHub } from './hub.ts'
import { muteTrack } from './mute.ts'
import type { ConnectRoom, RoomEvents, RoomLeg, RoomLoss } from './room.ts'

const connectTimeout = 15_000

const losses: Partial<Record<DisconnectReason, RoomLoss>> = {
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'ended',
  [DisconnectReason.ROOM_CLOSED]: 'ended',
}

/** A phone in a LiveKit room through rtc-node: publishes a microphone, and hears all other sound through its hub. */
class LivekitLeg implements RoomLeg, HubMember {
  readonly #room = new Room()
  readonly #source: AudioSource
  readonly #rate: number
  readonly #events: RoomEvents
  readonly #hub: RoomHub
  /** What is heard, by who it comes from: a track of the room, or another phone of the hub. */
  readonly #queues = new Map<object, FrameQueue>()
  readonly #readers = new Map<RemoteTrack, ReadableStreamDefaultReader<AudioFrame>>()
  /** Our track while the room has it, and in any case. */
  #track: LocalAudioTrack | undefined
  #own: LocalAudioTrack | undefined
  #muted = false
  #closed = false

  constructor(rate: number, events: RoomEvents, hub: RoomHub) {
    this.#hub = hub
    this.#rate = rate
    this.#events = events
    this.#source = new AudioSource(rate, 1, 200)
  }

  async connect(url: string, token: string): Promise<void> {
    const room = this.#room
    // Each of its tracks adds listeners; more than ten are no leak.
    room.setMaxListeners(0)
    room.on(RoomEvent.TrackSubscribed, (track) => this.#listen(track))
    room.on(RoomEvent.TrackUnsubscribed, (track) => this.#deafen(track))
    room.on(RoomEvent.TrackPublished, (publication, { identity }) => this.#subscribeTo(publication, identity))
    room.on(RoomEvent.LocalTrackUnpublished, () => {
      this.#track = undefined
      this.#silence(true)
    })
    room.on(RoomEvent.LocalTrackRepublished, () => {
      this.#track = this.#own
      this.#silence(false)
    })
    room.on(RoomEvent.ParticipantConnected, () => this.#events.others('joined'))
    room.on(RoomEvent.ParticipantDisconnected, () => this.#events.others('left'))
    room.on(RoomEvent.TrackMuted, (_, { identity }) => this.#mutedByServer(identity, true))
    room.on(RoomEvent.TrackUnmuted, (_, { identity }) => this.#mutedByServer(identity, false))
    room.on(RoomEvent.Disconnected, (reason) => {
      if (this.#closed) return
      void this.close()
      this.#events.lost(losses[reason] ?? 'lost')
    })
    const joined = room.connect(url, token, { autoSubscribe: false, dynacast: false })
    await within(joined, connectTimeout)
    // Before anything is published, so that the hub's listener knows the track for one it need not fetch.
    this.#hub.join(this)
    // Who may only listen, as in a broadcast, has nothing to publish, and is not heard by the hub either.
    if (grantsOf(token).canSpeak) await this.#publish()
    else this.#muted = true
  }

  async #publish(): Promise<void> {
    const track = LocalAudioTrack.createAudioTrack('telephone', this.#source)
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: false })
    await within(this.#room.localParticipant!.publishTrack(track, options), connectTimeout)
    this.#track = track
    this.#own = track
  }

  get identity(): string {
    return this.#room.localParticipant?.identity ?? ''
  }

  speak(pcm: Int16Array): void {
    if (this.#closed || this.#muted || !this.#track) return
    // A frame that cannot be taken is lost, as a packet would be; the connection's own events tell of its end.
    this.#hub.fromMember(this, pcm)
    this.#source.captureFrame(new AudioFrame(pcm, this.#rate, 1, pcm.length)).catch(() => {})
  }

  hear(): Int16Array | undefined {
    const frames: Int16Array[] = []
    for (const queue of this.#queues.values()) {
      const frame = queue.pull()
      if (frame) frames.push(frame)
    }
    return frames.length === 0 ? undefined : mixAll(frames, frameSamples(this.#rate))
  }

  receive(source: object, pcm: Int16Array): void {
    let queue = this.#queues.get(source)
    if (!queue) {
      queue = new FrameQueue(this.#rate, frameSamples(this.#rate))
      this.#queues.set(source, queue)
    }
    queue.push(pcm)
  }

  forget(source: object): void {
    this.#queues.delete(source)
  }

  subscribe(): void {
    for (const participant of this.#room.remoteParticipants.values()) {
      for (const publication of participant.trackPublications.values()) this.#subscribeTo(publication, participant.identity)
    }
  }

  async setMuted(muted: boolean): Promise<void> {
    if (muted === this.#muted) return
    // Who might not speak on the way in, or for a while, has nothing published.
    if (!muted && !this.#track) await this.#publish()
    else if (this.#track) muteTrack(this.#track, muted)
    this.#muted = muted
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#hub.leave(this)
    for (const track of [...this.#readers.keys()]) this.#deafen(track)
    await this.#room.disconnect().catch(() => {})
    await this.#source.close().catch(() => {})
  }

  #mutedByServer(identity: string, muted: boolean): void {
    if (identity === this.#room.localParticipant?.identity) this.#silence(muted)
  }

  #silence(muted: boolean): void {
    if (this.#closed || muted === this.#muted) return
    this.#muted = muted
    this.#events.muted(muted)
  }

  #subscribeTo(publication: RemoteTrackPublication, identity: string): void {
    if (!this.#hub.isListener(this) || publication.kind !== TrackKind.KIND_AUDIO || this.#hub.has(identity)) return
    publication.setSubscribed(true)
  }

  #listen(track: RemoteTrack): void {
    if (track.kind !== TrackKind.KIND_AUDIO || this.#closed) return
    const stream = new AudioStream(track, { sampleRate: this.#rate, numChannels: 1, frameSizeMs: frameMs })
    const reader = stream.getReader()
    this.#readers.set(track, reader)
    void this.#drain(track, reader)
  }

  async #drain(track: RemoteTrack, reader: ReadableStreamDefaultReader<AudioFrame>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        this.#hub.fromRoom(track, value.data)
      }
    } catch {
      // The track is gone; what is in the queues is all there will be.
    }
    this.#deafen(track)
  }

  #deafen(track: RemoteTrack): void {
    const reader = this.#readers.get(track)
    if (!reader) return
    this.#readers.delete(track)
    this.#hub.roomForgets(track)
    reader.cancel().catch(() => {})
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
  const leg = new LivekitLeg(rate, events, hubOf(url, token, rate))
  try {
    await leg.connect(url, token)
    return leg
  } catch (error) {
    await leg.close()
    throw error
  }
}
