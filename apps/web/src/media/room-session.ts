import type { Media } from '@parley/door-api'
import { DisconnectReason, type LocalTrackPublication, type RemoteTrack, Room, RoomEvent, Track } from 'livekit-client'
import { type Problem, problemOf } from '../devices/problem.ts'
import { backoff, pause } from '../lib/backoff.ts'
import { createStore } from '../lib/store.ts'
import { isFitting } from './fitting.ts'
import { LocalMedia } from './local-media.ts'
import { type Person, peopleOf, type Share, sharesOf } from './people.ts'

type RoomState = {
  /** `noPath`: the server answers but media does not get through; `elsewhere`: joined again in another tab. */
  connection: 'connecting' | 'connected' | 'reconnecting' | 'noPath' | 'elsewhere'
  people: Person[]
  shares: Share[]
  /** Who speaks or spoke last, other than oneself. */
  speaker: string | null
  microphone: boolean
  camera: boolean
  sharing: boolean
  can: { microphone: boolean; camera: boolean; share: boolean; data: boolean }
  audioBlocked: boolean
  reactions: { id: number; identity: string; emoji: string }[]
  problem: { source: 'camera' | 'microphone' | 'screen'; problem: Problem } | null
}

type Start = {
  freshMedia: (signal: AbortSignal) => Promise<Media | null>
  media: Media
  camera: MediaStreamTrack | null
  microphone: MediaStreamTrack | null
  microphoneOn: boolean
  chosen: { camera: string; microphone: string; speaker: string }
}

// LiveKit's own tries; when they are used up the session asks the door for a fresh token and starts anew.
const retries = [0, 300, 700, 1500, 2500, 4000]
const reactionTopic = 'parley.reaction'
const sourceNumbers: Partial<Record<Track.Source, number>> = {
  [Track.Source.Camera]: 1,
  [Track.Source.Microphone]: 2,
  [Track.Source.ScreenShare]: 3,
  [Track.Source.ScreenShareAudio]: 4,
}

/** The call itself: one LiveKit room, kept alive through lost connections and server restarts until `stop`. */
export class RoomSession {
  readonly store = createStore<RoomState>({
    connection: 'connecting',
    people: [],
    shares: [],
    speaker: null,
    microphone: false,
    camera: false,
    sharing: false,
    can: { microphone: true, camera: true, share: true, data: true },
    audioBlocked: false,
    reactions: [],
    problem: null,
  })
  readonly room: Room
  readonly local: LocalMedia
  #start: Start
  #stopping = new AbortController()
  #chosen: Start['chosen']
  #pending = false
  #reactionId = 0
  #sounds = new Map<RemoteTrack, HTMLMediaElement>()

  constructor(start: Start) {
    this.#start = start
    this.#chosen = { ...start.chosen }
    this.room = new Room({
      adaptiveStream: true,
      dynacast: true,
      // Tracks outlive a lost connection, so that a shared screen comes back without asking again.
      stopLocalTrackOnUnpublish: false,
      reconnectPolicy: { nextRetryDelayInMs: ({ retryCount }) => retries[retryCount] ?? null },
      ...(start.chosen.speaker ? { audioOutput: { deviceId: start.chosen.speaker } } : {}),
    })
    this.local = new LocalMedia(this.room)
    this.local.adopt(start.camera, start.microphone)
    // Shown while connecting too: what is on stays on.
    this.store.set({ camera: this.local.camera !== null, microphone: this.local.microphone !== null && start.microphoneOn })
    this.#watch()
    void this.#begin(start.microphoneOn)
  }

  /** Leave the room and let every device go. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.local.stop()
    await this.room.disconnect().catch(() => undefined)
    for (const element of this.#sounds.values()) element.remove()
    this.#sounds.clear()
  }

  /** Take the call over again after another tab had it. */
  takeOver(): void {
    this.store.set({ connection: 'connecting' })
    void this.#connect(null)
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.#try('microphone', () => this.local.setMicrophone(on, this.#chosen.microphone))
  }

  setCamera(on: boolean): Promise<void> {
    return this.#try('camera', () => this.local.setCamera(on, this.#chosen.camera))
  }

  setSharing(on: boolean): Promise<void> {
    return this.#try('screen', () => (on ? this.local.startScreen(() => void this.setSharing(false)) : this.local.stopScreen()))
  }

  async react(emoji: string): Promise<void> {
    this.#showReaction(this.room.localParticipant.identity, emoji)
    const data = new TextEncoder().encode(JSON.stringify({ emoji }))
    await this.room.localParticipant.publishData(data, { reliable: true, topic: reactionTopic }).catch(() => undefined)
  }

  /** Use another device from now on. */
  async choose(kind: 'camera' | 'microphone' | 'speaker', id: string): Promise<void> {
    this.#chosen[kind] = id
    const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' } as const
    const source = kind === 'speaker' ? 'microphone' : kind
    // Named and not merely wished for: browsers are free to stay with the device they have.
    await this.#try(source, async () => void (await this.room.switchActiveDevice(kinds[kind], id || 'default', id !== '')))
  }

  /** After a click: let the browser play what it held back. */
  async hear(): Promise<void> {
    await this.room.startAudio().catch(() => undefined)
  }

  async #try(source: 'camera' | 'microphone' | 'screen', work: () => Promise<void>): Promise<void> {
    try {
      this.store.set({ problem: null })
      await work()
    } catch (error) {
      // Closing the browser's screen chooser is a decision, not a problem.
      const problem = problemOf(error)
      if (!(source === 'screen' && problem === 'denied')) this.store.set({ problem: { source, problem } })
    }
    this.#refresh()
  }

  async #begin(microphoneOn: boolean): Promise<void> {
    if (!microphoneOn) await this.local.microphone?.mute()
    await this.#connect(this.#start.media)
  }

  /** Connect, with `media` first and fresh tokens after that, until connected, ended by the door or stopped. */
  async #connect(media: Media | null): Promise<void> {
    const { signal } = this.#stopping
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const use = media ?? (await this.#start.freshMedia(signal))
      media = null
      if (!use || signal.aborted) return
      let signalled = false
      const onSignal = () => {
        signalled = true
      }
      this.room.once(RoomEvent.SignalConnected, onSignal)
      try {
        await this.room.connect(use.url, use.token, { maxRetries: 0, peerConnectionTimeout: 10_000, websocketTimeout: 8000 })
        this.#refresh()
        await this.local.publishAll((source) => this.#allowed(source))
        this.#refresh()
        return
      } catch {
        if (signal.aborted) return
        if (signalled && attempt > 0) this.store.set({ connection: 'noPath' })
      } finally {
        this.room.off(RoomEvent.SignalConnected, onSignal)
      }
      await pause(backoff(attempt), signal)
    }
  }

  #watch(): void {
    const { room } = this
    const refresh = () => this.#refresh()
    const shown = [
      RoomEvent.ParticipantConnected,
      RoomEvent.ParticipantDisconnected,
      RoomEvent.TrackSubscribed,
      RoomEvent.TrackUnsubscribed,
      RoomEvent.TrackPublished,
      RoomEvent.TrackUnpublished,
      RoomEvent.TrackMuted,
      RoomEvent.TrackUnmuted,
      RoomEvent.LocalTrackPublished,
      RoomEvent.ParticipantNameChanged,
      RoomEvent.ParticipantAttributesChanged,
      RoomEvent.ParticipantPermissionsChanged,
      RoomEvent.ConnectionQualityChanged,
      RoomEvent.ConnectionStateChanged,
    ] as const
    for (const event of shown) room.on(event, refresh)
    room.on(RoomEvent.LocalTrackUnpublished, (publication: LocalTrackPublication) => {
      // A lost connection also unpublishes; only the server's decision while connected lets the device go.
      if (publication.track && room.state === 'connected') this.local.dropped(publication.track)
      refresh()
    })
    room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
      const other = speakers.find((one) => !one.isLocal)
      if (other) this.store.set({ speaker: other.identity })
      refresh()
    })
    room.on(RoomEvent.Connected, () => this.store.set({ connection: 'connected' }))
    room.on(RoomEvent.Reconnected, () => this.store.set({ connection: 'connected' }))
    room.on(RoomEvent.Reconnecting, () => this.store.set({ connection: 'reconnecting' }))
    room.on(RoomEvent.SignalReconnecting, () => this.store.set({ connection: 'reconnecting' }))
    room.on(RoomEvent.Disconnected, (reason) => this.#lost(reason))
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => this.store.set({ audioBlocked: !room.canPlaybackAudio }))
    room.on(RoomEvent.TrackSubscribed, (track, publication) => {
      // Sound that calls itself a camera would pass by a microphone that was forbidden or muted.
      if (!isFitting(publication)) return publication.setSubscribed(false)
      if (track.kind !== Track.Kind.Audio) return
      const element = track.attach()
      element.hidden = true
      document.body.append(element)
      this.#sounds.set(track, element)
    })
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const element of track.detach()) if (track.kind === Track.Kind.Audio) element.remove()
      this.#sounds.delete(track)
    })
    room.on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
      if (topic !== reactionTopic || !participant || payload.byteLength > 200) return
      try {
        const { emoji } = JSON.parse(new TextDecoder().decode(payload)) as { emoji?: unknown }
        if (typeof emoji === 'string' && emoji.length <= 16 && /\p{Extended_Pictographic}/u.test(emoji)) {
          this.#showReaction(participant.identity, emoji)
        }
      } catch {
        // Not a reaction.
      }
    })
  }

  #lost(reason: DisconnectReason | undefined): void {
    if (this.#stopping.signal.aborted || reason === DisconnectReason.CLIENT_INITIATED) return
    // A failed first connection is handled where it was started.
    if (this.store.get().connection === 'connecting' || this.store.get().connection === 'noPath') return
    if (reason === DisconnectReason.DUPLICATE_IDENTITY) {
      this.store.set({ connection: 'elsewhere' })
      return
    }
    this.store.set({ connection: 'reconnecting' })
    void this.#connect(null)
  }

  #allowed(source: Track.Source): boolean {
    const permissions = this.room.localParticipant.permissions
    if (!permissions) return true
    const sources = permissions.canPublishSources as number[]
    return permissions.canPublish && (sources.length === 0 || sources.includes(sourceNumbers[source] ?? 0))
  }

  #showReaction(identity: string, emoji: string): void {
    this.#reactionId += 1
    const id = this.#reactionId
    this.store.set((now) => ({ reactions: [...now.reactions, { id, identity, emoji }].slice(-30) }))
    setTimeout(() => this.store.set((now) => ({ reactions: now.reactions.filter((one) => one.id !== id) })), 4000)
  }

  /** Read the room into the store, once for all events of the same moment. */
  #refresh(): void {
    if (this.#pending) return
    this.#pending = true
    queueMicrotask(() => {
      this.#pending = false
      const { room, local } = this
      // While reconnecting the last picture stays; an empty room would be a lie.
      if (room.state === 'disconnected' || room.state === 'connecting') return
      const people = peopleOf(room, this.store.get().people)
      this.store.set((now) => ({
        people,
        shares: sharesOf(room, now.shares),
        speaker: people.some((person) => person.identity === now.speaker) ? now.speaker : null,
        microphone: local.microphone !== null && !local.microphone.isMuted,
        camera: local.camera !== null && !local.camera.isMuted,
        sharing: local.screen.length > 0,
        can: {
          microphone: this.#allowed(Track.Source.Microphone),
          camera: this.#allowed(Track.Source.Camera),
          share: this.#allowed(Track.Source.ScreenShare),
          data: room.localParticipant.permissions?.canPublishData ?? true,
        },
      }))
    })
  }
}
