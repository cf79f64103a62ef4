import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { Tally } from './tools.ts'

const rate = 48_000

/** Someone else in the room: says one tone, hears every other track apart. */
export class Guest {
  readonly room = new Room()
  readonly tracks = new Tally<string>()
  readonly muted = new Tally<boolean>()
  readonly heard: Int16Array[] = []
  readonly frames = new Tally<number>()
  #timer: NodeJS.Timeout | undefined
  readonly #source = new AudioSource(rate, 1, 400)
  #phase = 0
  speaking = true

  static async join(url: string, token: string, frequency: number): Promise<Guest> {
    const guest = new Guest()
    guest.room.on(RoomEvent.TrackSubscribed, (track, _, participant) => {
      if (track.kind !== TrackKind.KIND_AUDIO) return
      guest.tracks.add(participant.identity)
      void guest.#listen(new AudioStream(track, { sampleRate: rate, numChannels: 1, frameSizeMs: 20 }))
    })
    guest.room.on(RoomEvent.TrackMuted, () => guest.muted.add(true))
    guest.room.on(RoomEvent.TrackUnmuted, () => guest.muted.add(false))
    await guest.room.connect(url, token, { autoSubscribe: true, dynacast: false })
    const track = LocalAudioTrack.createAudioTrack('tone', guest.#source)
    await guest.room.localParticipant!.publishTrack(
      track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false, red: false }),
    )
    guest.#timer = setInterval(() => guest.#say(frequency), 20)
    return guest
  }

  #say(frequency: number): void {
    const pcm = new Int16Array(rate / 50)
    const level = this.speaking ? 8_000 : 0
    for (let index = 0; index < pcm.length; index++)
      pcm[index] = level * Math.sin((2 * Math.PI * frequency * this.#phase++) / rate)
    this.#source.captureFrame(new AudioFrame(pcm, rate, 1, pcm.length)).catch(() => {})
  }

  async #listen(stream: AudioStream): Promise<void> {
    for await (const frame of stream) {
      this.heard.push(frame.data)
      if (this.heard.length % 25 === 0) this.frames.add(this.heard.length)
    }
  }

  /** Wait for so much more sound, in seconds. */
  async listen(seconds: number): Promise<Int16Array> {
    const from = this.heard.length
    await this.frames.until(() => this.heard.length >= from + seconds * 50, `${seconds} s of the room`)
    const parts = this.heard.slice(from)
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
    let offset = 0
    for (const part of parts) {
      all.set(part, offset)
      offset += part.length
    }
    return all
  }

  readonly rate = rate

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    await this.room.disconnect()
    await this.#source.close()
  }
}
