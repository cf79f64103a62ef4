import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteTrack,
  type Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'

const rate = 48_000
const waitMs = 90_000

/** The voice of somebody in a media room with LiveKit's headless client: says one tone, hears everybody apart. */
export class Voice {
  readonly rate = rate
  readonly #heard = new Map<string, Int16Array[]>()
  readonly #source = new AudioSource(rate, 1, 400)
  #timer: NodeJS.Timeout | undefined
  #phase = 0
  isSpeaking = true

  /** Begin to speak and to listen in a room somebody has entered. */
  static async open(room: Room, frequency: number): Promise<Voice> {
    const voice = new Voice()
    const hear = (track: { kind: TrackKind | undefined } | undefined, identity: string) => {
      if (track?.kind !== TrackKind.KIND_AUDIO) return
      const stream = new AudioStream(track as RemoteTrack, { sampleRate: rate, numChannels: 1, frameSizeMs: 20 })
      void voice.#listen(identity, stream)
    }
    for (const { identity, trackPublications } of room.remoteParticipants.values())
      for (const { track } of trackPublications.values()) hear(track, identity)
    room.on(RoomEvent.TrackSubscribed, (track, _, { identity }) => hear(track, identity))
    const track = LocalAudioTrack.createAudioTrack('tone', voice.#source)
    await room.localParticipant!.publishTrack(
      track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false, red: false }),
    )
    voice.#timer = setInterval(() => voice.#say(frequency), 20)
    room.once(RoomEvent.Disconnected, () => voice.close())
    return voice
  }

  #say(frequency: number): void {
    const pcm = new Int16Array(rate / 50)
    for (let index = 0; index < pcm.length; index++)
      pcm[index] = (this.isSpeaking ? 8_000 : 0) * Math.sin((2 * Math.PI * frequency * this.#phase++) / rate)
    this.#source.captureFrame(new AudioFrame(pcm, rate, 1, pcm.length)).catch(() => {})
  }

  async #listen(identity: string, stream: AudioStream): Promise<void> {
    const frames: Int16Array[] = []
    this.#heard.set(identity, frames)
    for await (const frame of stream) frames.push(frame.data)
  }

  /** The next seconds of what somebody says, counted in sound and not by the clock. */
  async listenTo(identity: string, seconds: number): Promise<Int16Array> {
    const deadline = Date.now() + waitMs + seconds * 1000
    const first = () => this.#heard.get(identity)
    const from = first()?.length ?? 0
    while ((first()?.length ?? 0) < from + seconds * 50) {
      if (Date.now() > deadline) throw new Error(`nothing is heard of ${identity}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const parts = first()!.slice(from)
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let offset = 0
    for (const part of parts) {
      all.set(part, offset)
      offset += part.length
    }
    return all
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
