import {
  ConnectionQualityUpdate,
  type DataPacket,
  DataPacket_Kind,
  DisconnectReason,
  LeaveRequest_Action,
  type ParticipantInfo,
  ParticipantInfo_State,
  ParticipantUpdate,
  Room as RoomInfo,
  RoomUpdate,
  SpeakersChanged,
  TrackUnpublishedResponse,
  type WebhookEvent,
} from '@livekit/protocol'
import type { Layer } from '../forward/layer.ts'
import type { RoomConfig } from '../token/grants.ts'
import { Allocator } from './allocator.ts'
import { LOSSY, RELIABLE } from './data-link.ts'
import { tellWanted } from './dynacast.ts'
import type { RoomHost } from './host.ts'
import { newId } from './ids.ts'
import type { JoinInit } from './join-init.ts'
import { Participant, type ParticipantHost } from './participant.ts'
import type { PublishedTrack } from './published-track.ts'
import { QualityReports, report } from './reports.ts'
import { Speakers } from './speakers.ts'

const DEFAULT_EMPTY_TIMEOUT_S = 300
const DEFAULT_DEPARTURE_TIMEOUT_S = 20
const SPEAKERS_MS = 400
const ALLOCATE_MS = 250
const REPORT_MS = 1_000
const QUALITY_MS = 4_000
/** A participant that never connects its media is given up after this. */
const CONNECT_MS = 30_000
/** A participant without a socket whose media is alive may come back within this. */
const SOCKET_GRACE_MS = 12_000

/** One room: who is in it and what they send each other. */
export class Room implements ParticipantHost {
  readonly sid = newId('RM')
  readonly name: string
  readonly host: RoomHost
  readonly createdAtMs = Date.now()
  readonly participants = new Map<string, Participant>()
  readonly #speakers = new Speakers()
  readonly #allocator = new Allocator(this)
  emptyTimeout = DEFAULT_EMPTY_TIMEOUT_S
  departureTimeout = DEFAULT_DEPARTURE_TIMEOUT_S
  maxParticipants = 0
  metadata = ''
  isClosed = false
  readonly #tracks = new Map<string, { participant: Participant; track: PublishedTrack }>()
  readonly #layerOwners = new WeakMap<Layer, Participant>()
  /** When the room became empty, in performance.now() milliseconds. */
  #emptySince = performance.now()
  #hasBeenUsed = false
  #speakersAt = 0
  #allocateAt = 0
  #reportAt = 0
  #qualityAt = 0
  readonly #qualities = new QualityReports()

  constructor(host: RoomHost, name: string, config: RoomConfig) {
    this.host = host
    this.name = name
    this.configure(config)
    this.event('room_started')
  }

  configure(config: RoomConfig): void {
    if (config.emptyTimeout !== undefined && config.emptyTimeout > 0) this.emptyTimeout = config.emptyTimeout
    if (config.departureTimeout !== undefined && config.departureTimeout > 0) this.departureTimeout = config.departureTimeout
    if (config.maxParticipants !== undefined && config.maxParticipants > 0) this.maxParticipants = config.maxParticipants
    if (config.metadata !== undefined && config.metadata !== '') this.metadata = config.metadata
  }

  info(): RoomInfo {
    const visible = [...this.participants.values()].filter(({ isHidden }) => !isHidden)
    return new RoomInfo({
      sid: this.sid,
      name: this.name,
      emptyTimeout: this.emptyTimeout,
      departureTimeout: this.departureTimeout,
      maxParticipants: this.maxParticipants,
      creationTime: BigInt(Math.floor(this.createdAtMs / 1000)),
      creationTimeMs: BigInt(this.createdAtMs),
      metadata: this.metadata,
      numParticipants: visible.length,
      numPublishers: visible.filter(({ tracks }) => tracks.size > 0).length,
    })
  }

  event(name: string, more: Partial<Pick<WebhookEvent, 'participant' | 'track'>> = {}): void {
    this.host.event(this.name, name, { room: this.info(), ...more })
  }

  /** The others a participant may know of. */
  visibleTo(participant: Participant): Participant[] {
    return [...this.participants.values()].filter((other) => other !== participant && !other.isHidden && !other.isClosed)
  }

  trackBySid(sid: string): { participant: Participant; track: PublishedTrack } | undefined {
    return this.#tracks.get(sid)
  }

  // Coming and going.

  /** Lets a client in, or tells it why not. */
  join(session: string, init: JoinInit): Participant | undefined {
    const existing = this.participants.get(init.grants.identity)
    if (init.reconnect) {
      // ICE cannot be restarted, so a lost connection is built anew; the client does that by itself.
      existing?.detach()
      this.host.refuse(session, DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT)
      return undefined
    }
    existing?.close(DisconnectReason.DUPLICATE_IDENTITY)
    const isFull = this.maxParticipants > 0 && this.participants.size >= this.maxParticipants
    if (isFull && !init.grants.hidden) {
      this.host.refuse(session, DisconnectReason.JOIN_FAILURE, LeaveRequest_Action.DISCONNECT)
      return undefined
    }
    const participant = new Participant(this, session, init)
    this.participants.set(participant.identity, participant)
    this.#hasBeenUsed = true
    participant.welcome()
    const active = this.#speakers.active()
    if (active.length > 0) participant.send({ case: 'speakersChanged', value: new SpeakersChanged({ speakers: active }) })
    this.subscribeToAll(participant)
    this.announce(participant)
    return participant
  }

  /** Subscribes a participant to everything it takes without asking. */
  subscribeToAll(participant: Participant): void {
    for (const { participant: publisher, track } of this.#tracks.values()) {
      if (publisher !== participant && participant.wantsAutomatically(track)) participant.subscribe(publisher, track)
    }
  }

  /** Tells everybody of a change of the participant as often as its rate allows, of the last state in any case. */
  announceSoon(participant: Participant, now = performance.now()): void {
    participant.isAnnouncementDue = true
    if (participant.rates.take('announce', now)) this.announce(participant)
  }

  /** Tells everybody, the participant included, what it is like now. */
  announce(participant: Participant): void {
    participant.isAnnouncementDue = false
    participant.version++
    const info = participant.info()
    participant.isAnnounced = true
    const update = new ParticipantUpdate({ participants: [info] })
    if (!participant.isClosed) participant.send({ case: 'update', value: update })
    if (participant.isHidden) return
    for (const other of this.participants.values()) {
      if (other !== participant) other.send({ case: 'update', value: update })
    }
  }

  onActive(participant: Participant): void {
    this.announce(participant)
    this.event('participant_joined', { participant: participant.info() })
  }

  /** Called by the participant as it closes. */
  onClosed(participant: Participant): void {
    if (this.participants.get(participant.identity) === participant) this.participants.delete(participant.identity)
    for (const track of [...participant.tracks.values()]) this.#forget(participant, track)
    this.announce(participant)
    this.#qualities.forget(participant.sid)
    const wasActive = participant.wasActive
    const info: ParticipantInfo = participant.info()
    this.event(wasActive ? 'participant_left' : 'participant_connection_aborted', { participant: info })
    if (this.participants.size === 0) this.#emptySince = performance.now()
  }

  // Tracks.

  onPublished(participant: Participant, track: PublishedTrack): void {
    this.#tracks.set(track.info.sid, { participant, track })
    this.announce(participant)
    this.event('track_published', { participant: participant.info(), track: track.info })
    if (participant.isHidden && participant.grants.recorder) return
    for (const other of this.participants.values()) {
      if (other !== participant && other.wantsAutomatically(track)) other.subscribe(participant, track)
    }
  }

  onUnpublished(participant: Participant, track: PublishedTrack): void {
    participant.send({ case: 'trackUnpublished', value: new TrackUnpublishedResponse({ trackSid: track.info.sid }) })
    this.#forget(participant, track)
    this.announce(participant)
  }

  #forget(participant: Participant, track: PublishedTrack): void {
    const { sid } = track.info
    if (!this.#tracks.delete(sid)) return
    this.#speakers.remove(sid)
    for (const other of this.participants.values()) {
      other.forgetTrack(sid)
    }
    this.event('track_unpublished', { participant: participant.info(), track: track.info })
  }

  setMuted(participant: Participant, track: PublishedTrack, muted: boolean): void {
    if (track.info.muted === muted) return
    track.info.muted = muted
    if (track.media !== undefined) track.media.isMuted = muted
    // What was withheld while muted is not made up for: the picture goes on from a key frame.
    if (!muted && track.kind === 'video')
      for (const layer of track.media?.layers ?? []) this.requestKeyframe(layer, performance.now())
    if (track.isPublished) this.announceSoon(participant)
  }

  levelListener(participantSid: string, trackSid: string): (level: number, now: number) => void {
    return this.#speakers.listener(participantSid, trackSid)
  }

  allocate(participant: Participant, now: number): void {
    this.#allocator.apply(participant, now)
  }

  requestKeyframe(layer: Layer, now: number): void {
    const owner = this.#layerOwners.get(layer) ?? this.#ownerOf(layer)
    const packet = owner === undefined ? undefined : layer.requestKeyframe(now)
    if (packet !== undefined) owner!.publisher.send(packet)
  }

  #ownerOf(layer: Layer): Participant | undefined {
    for (const { participant, track } of this.#tracks.values()) {
      if (track.media?.layers.includes(layer) !== true) continue
      this.#layerOwners.set(layer, participant)
      return participant
    }
    return undefined
  }

  // Data.

  /** Passes a participant's data packet on to those it is for. */
  onDataPacket(sender: Participant, packet: DataPacket, label: string): void {
    if (packet.value.case === 'speaker' || packet.value.case === undefined) return
    packet.participantIdentity = sender.identity
    packet.participantSid = sender.sid
    if (packet.value.case === 'user') {
      const user = packet.value.value
      user.participantIdentity = sender.identity
      user.participantSid = sender.sid
    }
    packet.kind = label === RELIABLE ? DataPacket_Kind.RELIABLE : DataPacket_Kind.LOSSY
    this.deliver(packet, label, sender)
  }

  /** Sends a data packet to its destinations, or to everyone but the sender. */
  deliver(packet: DataPacket, label: string, sender: Participant | undefined): void {
    const user = packet.value.case === 'user' ? packet.value.value : undefined
    const identities =
      packet.destinationIdentities.length > 0 ? packet.destinationIdentities : (user?.destinationIdentities ?? [])
    const sids = new Set(user?.destinationSids ?? [])
    const names = new Set(identities)
    const isForAll = names.size === 0 && sids.size === 0
    let encoded: Buffer | undefined
    for (const other of this.participants.values()) {
      if (other === sender) continue
      if (!isForAll && !names.has(other.identity) && !sids.has(other.sid)) continue
      encoded ??= Buffer.from(packet.toBinary())
      other.sendData(label === LOSSY ? LOSSY : RELIABLE, encoded)
    }
  }

  setMetadata(metadata: string): void {
    this.metadata = metadata
    for (const participant of this.participants.values()) {
      participant.send({ case: 'roomUpdate', value: new RoomUpdate({ room: this.info() }) })
    }
  }

  /** The connection of everyone ends, and the room with it. */
  close(reason: DisconnectReason, action = LeaveRequest_Action.DISCONNECT): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const participant of [...this.participants.values()]) participant.close(reason, action)
    this.event('room_finished')
    this.host.closed(this.name)
  }

  // Time.

  /** Called every few milliseconds. */
  tick(now: number): void {
    for (const participant of this.participants.values()) {
      participant.uplink.tick(now)
      participant.catchUp(now)
    }
    if (now - this.#allocateAt >= ALLOCATE_MS) {
      this.#allocateAt = now
      for (const participant of this.participants.values()) this.#allocator.apply(participant, now)
      for (const { participant, track } of this.#tracks.values()) tellWanted(participant, track, this.participants.values(), now)
    }
    if (now - this.#speakersAt >= SPEAKERS_MS) {
      this.#speakersAt = now
      const speakers = this.#speakers.update()
      if (speakers.length > 0) this.broadcast({ case: 'speakersChanged', value: new SpeakersChanged({ speakers }) })
    }
    if (now - this.#reportAt >= REPORT_MS) {
      this.#reportAt = now
      for (const participant of [...this.participants.values()]) {
        report(participant, now)
        participant.checkPath()
      }
    }
    if (now - this.#qualityAt >= QUALITY_MS) {
      this.#qualityAt = now
      const updates = this.#qualities.changed(this.participants.values())
      if (updates.length > 0) this.broadcast({ case: 'connectionQuality', value: new ConnectionQualityUpdate({ updates }) })
    }
    this.#expire(now)
  }

  broadcast(message: Parameters<Participant['send']>[0]): void {
    for (const participant of this.participants.values()) participant.send(message)
  }

  #expire(now: number): void {
    for (const participant of [...this.participants.values()]) {
      const age = Date.now() - participant.joinedAtMs
      if (participant.state === ParticipantInfo_State.JOINED && age > CONNECT_MS)
        participant.close(DisconnectReason.CONNECTION_TIMEOUT)
      else if (participant.goneAt !== 0 && now - participant.goneAt > SOCKET_GRACE_MS)
        participant.close(DisconnectReason.SIGNAL_CLOSE)
    }
    if (this.participants.size > 0) return
    const timeout = this.#hasBeenUsed ? this.departureTimeout : this.emptyTimeout
    if (now - this.#emptySince > timeout * 1000) this.close(DisconnectReason.ROOM_CLOSED)
  }
}
