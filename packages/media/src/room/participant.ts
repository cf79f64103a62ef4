import {
  type DataPacket,
  DisconnectReason,
  LeaveRequest,
  LeaveRequest_Action,
  type ParticipantInfo,
  ParticipantInfo_State,
  type Room as RoomInfo,
  SessionDescription,
  SignalResponse,
  TrackSubscribed,
  type UpdateTrackSettings,
  type VideoQuality,
} from '@livekit/protocol'
import { isRtcp, parseRtcp, type RtcpHandlers } from '@parley/rtp'
import type { Layer } from '../forward/layer.ts'
import { type Grants, mayPublish } from '../token/grants.ts'
import { Audience } from './audience.ts'
import { DataLink } from './data-link.ts'
import { DataUplink } from './data-uplink.ts'
import { type Carried, Downlink } from './downlink.ts'
import type { RoomHost } from './host.ts'
import { newId } from './ids.ts'
import type { JoinInit } from './join-init.ts'
import { Negotiation, type Negotiator } from './negotiation.ts'
import { joinResponse, participantInfo } from './participant-messages.ts'
import type { PublishedTrack } from './published-track.ts'
import { Rates } from './rates.ts'
import { rtcpHandlers } from './rtcp-reader.ts'
import type { SignalMessage } from './signal-message.ts'
import { Transport } from './transport.ts'
import { Uplink } from './uplink.ts'

const SUBSCRIBER_EXTENSIONS = { audioLevel: 1, transportSequence: 3, playoutDelay: 6, orientation: 11, dependencyDescriptor: 12 }
const FAILED_GRACE_MS = 400

/** How a subscriber wants one track. */
interface TrackSettings {
  disabled: boolean
  quality: VideoQuality
  width: number
  height: number
}

/** What a participant needs of the room it is in, and tells it. */
export interface ParticipantHost {
  readonly name: string
  readonly host: RoomHost
  readonly participants: ReadonlyMap<string, Participant>
  info(): RoomInfo
  /** The others a participant may know of. */
  visibleTo(participant: Participant): Participant[]
  trackBySid(sid: string): { participant: Participant; track: PublishedTrack } | undefined
  /** What takes the sound levels of a track. */
  levelListener(participantSid: string, trackSid: string): (level: number, now: number) => void
  requestKeyframe(layer: Layer, now: number): void
  /** Shares a subscriber's bandwidth out over what it receives. */
  allocate(participant: Participant, now: number): void
  subscribeToAll(participant: Participant): void
  setMuted(participant: Participant, track: PublishedTrack, muted: boolean): void
  /** Tells everybody what a participant is like now: at once, or as often as its rate allows. */
  announce(participant: Participant): void
  announceSoon(participant: Participant, now?: number): void
  onActive(participant: Participant): void
  onPublished(participant: Participant, track: PublishedTrack): void
  onUnpublished(participant: Participant, track: PublishedTrack): void
  onDataPacket(sender: Participant, packet: DataPacket, label: string): void
  onClosed(participant: Participant): void
}

/** One participant of a room: its connections, what it publishes and what it receives. */
export class Participant implements Negotiator {
  readonly sid = newId('PA')
  readonly identity: string
  readonly joinedAtMs = Date.now()
  readonly room: ParticipantHost
  readonly init: JoinInit
  /** The socket it speaks through; empty while it has none. */
  session: string
  grants: Grants
  name: string
  metadata: string
  attributes: Record<string, string>
  state: ParticipantInfo_State = ParticipantInfo_State.JOINING
  version = 0
  isClosed = false
  closeReason: DisconnectReason = DisconnectReason.UNKNOWN_REASON
  /** Others have been told of it. */
  isAnnounced = false
  readonly tracks = new Map<string, PublishedTrack>()
  /** Something of it changed of which the others are to be told when its rate allows. */
  isAnnouncementDue = false
  readonly rates = new Rates()
  readonly publisher: Transport
  /** The same as `publisher` in single-connection mode. */
  readonly subscriber: Transport
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly settings = new Map<string, TrackSettings>()
  /** Its media was connected once. */
  wasActive = false
  malformed = 0
  packetsIn = 0
  bytesIn = 0
  goneAt = 0
  /** Who may subscribe to its tracks. */
  readonly audience: Audience<Participant> = new Audience<Participant>(this)
  /** Tracks in the room the client itself refused; decides over auto-subscribe. */
  readonly unwanted = new Set<string>()
  readonly negotiation: Negotiation
  readonly #data: DataLink
  readonly #dataUplink = this.#receivesData()
  readonly #rtcp: RtcpHandlers

  constructor(room: ParticipantHost, session: string, init: JoinInit) {
    this.room = room
    this.session = session
    this.init = init
    this.grants = init.grants
    this.identity = init.grants.identity
    this.name = init.grants.name
    this.metadata = init.grants.metadata
    this.attributes = { ...init.grants.attributes }
    this.publisher = new Transport(room.host.transport, {
      packet: (packet) => this.#onPacket(packet),
      connected: () => this.#onConnected(this.publisher),
      failed: () => this.#onFailed(),
      channel: (label) => init.singleConnection && this.#data.opened(label),
      message: (label, data) => {
        if (this.grants.canPublishData && !this.isClosed) this.#dataUplink.receive(label, data, performance.now())
      },
    })
    this.uplink = new Uplink(this.publisher)
    this.subscriber = init.singleConnection
      ? this.publisher
      : new Transport(room.host.transport, {
          packet: (packet) => this.#onPacket(packet),
          connected: () => this.#onConnected(this.subscriber),
          failed: () => this.#onFailed(),
          channel: (label) => this.#data.opened(label),
          message: () => {},
        })
    if (!init.singleConnection) this.subscriber.chooseExtensions(SUBSCRIBER_EXTENSIONS)
    this.downlink = new Downlink(this.subscriber)
    this.#data = new DataLink(this.subscriber)
    this.#rtcp = rtcpHandlers(this)
    this.negotiation = new Negotiation(this)
  }

  get isHidden(): boolean {
    return this.grants.hidden
  }

  info(): ParticipantInfo {
    return participantInfo(this)
  }

  send(message: SignalMessage): void {
    if (this.session === '') return
    this.room.host.signal(this.session, new SignalResponse({ message }))
  }

  /** The first message a client gets, then the negotiation it brought with it. */
  welcome(): void {
    this.state = ParticipantInfo_State.JOINED
    this.send({ case: 'join', value: joinResponse(this) })
  }

  /** Starts negotiating; existing tracks are already subscribed. */
  start(): void {
    if (!this.init.singleConnection) {
      this.negotiation.offer()
      return
    }
    if (this.init.publisherOffer !== undefined) this.negotiation.onOffer(SessionDescription.fromBinary(this.init.publisherOffer))
  }

  /** What takes the sound levels of a track of its. */
  levelListener(trackSid: string): (level: number, now: number) => void {
    return this.room.levelListener(this.sid, trackSid)
  }

  requestKeyframe(layer: Layer, now: number): void {
    this.room.requestKeyframe(layer, now)
  }

  /** A track of its is negotiated. */
  published(track: PublishedTrack): void {
    this.tracks.set(track.info.sid, track)
    this.room.onPublished(this, track)
  }

  unpublish(track: PublishedTrack): void {
    if (!this.tracks.delete(track.info.sid)) return
    this.uplink.detach(track.info.mid)
    this.room.onUnpublished(this, track)
  }

  // Subscriptions.

  /** Whether a track newly published is taken without the client asking. */
  wantsAutomatically(track: PublishedTrack): boolean {
    return this.init.autoSubscribe && !this.unwanted.has(track.info.sid)
  }

  subscribe(publisher: Participant, track: PublishedTrack): void {
    if (
      this.isClosed ||
      !this.grants.canSubscribe ||
      track.media === undefined ||
      this.downlink.get(track.info.sid) !== undefined
    )
      return
    if (!publisher.audience.allows(this, track.info.sid)) return
    this.unwanted.delete(track.info.sid)
    this.downlink.add({
      sid: track.info.sid,
      kind: track.kind,
      codec: track.codec,
      fmtp: track.fmtp,
      media: track.media,
      stream: `${publisher.sid}|${track.info.sid}`,
      cname: `${publisher.sid}.${track.info.stream}`,
    })
    this.negotiation.schedule()
    if (track.isSubscribed) return
    track.isSubscribed = true
    publisher.send({ case: 'trackSubscribed', value: new TrackSubscribed({ trackSid: track.info.sid }) })
  }

  unsubscribe(sid: string, byClient: boolean): void {
    if (byClient && this.room.trackBySid(sid) !== undefined) this.unwanted.add(sid)
    if (this.downlink.get(sid) === undefined) return
    this.downlink.remove(sid)
    this.negotiation.schedule()
  }

  /** A track of somebody else is gone: nothing is remembered of it. */
  forgetTrack(sid: string): void {
    this.settings.delete(sid)
    this.unsubscribe(sid, false)
    this.unwanted.delete(sid)
  }

  /** What a rate held back and allows now. To be called every few milliseconds. */
  catchUp(now: number): void {
    this.audience.catchUp(now)
    if (this.isAnnouncementDue) this.room.announceSoon(this, now)
  }

  onTrackSettings(update: UpdateTrackSettings): void {
    for (const sid of update.trackSids) {
      if (this.room.trackBySid(sid) === undefined) continue
      const { disabled, quality, width, height } = update
      this.settings.set(sid, { disabled, quality, width, height })
    }
    // Otherwise with everybody's, four times a second.
    if (this.rates.take('settings', performance.now())) this.applySettings()
  }

  /** The highest layer this subscriber wants of a track; -1 for nothing. */
  wantedLayer(carried: Carried, track: PublishedTrack): number {
    const settings = this.settings.get(carried.track.sid)
    if (settings?.disabled === true) return -1
    if (settings === undefined) return 2
    return track.layerFor(settings.quality, settings.width, settings.height)
  }

  /** Puts what the client wants and what its link carries into effect, and asks for keyframes where a layer waits for one. */
  applySettings(): void {
    this.room.allocate(this, performance.now())
  }

  /** The client (or RoomService) asks for these tracks, or no longer wants them. */
  updateSubscriptions(sids: string[], subscribe: boolean): void {
    for (const sid of sids) {
      const found = this.room.trackBySid(sid)
      if (!subscribe) this.unsubscribe(sid, true)
      else if (found !== undefined && found.participant !== this) this.subscribe(found.participant, found.track)
    }
  }

  /** New permissions: what they no longer allow ends, what they newly allow begins. */
  setGrants(grants: Grants): void {
    const couldSubscribe = this.grants.canSubscribe
    this.grants = grants
    for (const track of [...this.tracks.values()]) {
      if (!mayPublish(grants, track.info.source, track.info.type)) this.unpublish(track)
    }
    this.negotiation.dropForbidden()
    if (couldSubscribe && !grants.canSubscribe) {
      for (const { track } of [...this.downlink.all]) this.unsubscribe(track.sid, false)
    } else if (!couldSubscribe && grants.canSubscribe) this.room.subscribeToAll(this)
  }

  /** A track by its id, negotiated or not yet. */
  trackOrPending(sid: string): PublishedTrack | undefined {
    return this.tracks.get(sid) ?? this.negotiation.pending(sid)
  }

  // Media.

  #onPacket(packet: Buffer): void {
    const now = performance.now()
    this.packetsIn++
    this.bytesIn += packet.length
    if (packet.length < 8) {
      this.malformed++
      return
    }
    if (isRtcp(packet)) {
      if (!parseRtcp(packet, this.#rtcp)) this.malformed++
    } else if (!this.uplink.receive(packet, now)) this.malformed++
  }

  // Data.

  #receivesData(): DataUplink {
    return new DataUplink(this.rates, {
      packet: (packet, label) => this.room.onDataPacket(this, packet, label),
      malformed: () => this.malformed++,
      exceeded: () => {
        const who = { room: this.room.name, identity: this.identity }
        this.room.host.log('warn', who, 'a client sends more data than is passed on')
      },
      flooded: () => this.close(DisconnectReason.STATE_MISMATCH),
    })
  }

  /** Sends an encoded DataPacket, or drops it when the client does not keep up with lossy ones. */
  sendData(label: string, data: Buffer): void {
    this.#data.send(label, data)
  }

  // Life.

  #onConnected(transport: Transport): void {
    if (transport !== this.subscriber || this.state === ParticipantInfo_State.ACTIVE || this.isClosed) return
    this.state = ParticipantInfo_State.ACTIVE
    this.wasActive = true
    this.room.onActive(this)
  }

  /** To be called once a second: gives up connections whose path is gone, long before ICE does. */
  checkPath(): void {
    if (this.isClosed || !this.subscriber.isSilent()) return
    this.room.host.log(
      'info',
      { room: this.room.name, identity: this.identity },
      'a path for media is gone; the client reconnects',
    )
    this.#giveUp()
  }

  /** A client that leaves says so too, perhaps a moment after its connection has gone. */
  #onFailed(): void {
    setTimeout(() => this.#giveUp(), FAILED_GRACE_MS).unref()
  }

  #giveUp(): void {
    if (this.isClosed) return
    // A client still there builds a new connection; one that is gone has left.
    const reason = this.session === '' ? DisconnectReason.SIGNAL_CLOSE : DisconnectReason.MEDIA_FAILURE
    this.close(reason, LeaveRequest_Action.RECONNECT)
  }

  /** Its socket is gone; it has a while to come back. */
  detach(): void {
    this.session = ''
    if (this.goneAt === 0) this.goneAt = performance.now()
  }

  /** Ends the participation: tells the client why and what to do, frees everything, tells the room. */
  close(reason: DisconnectReason, action: LeaveRequest_Action = LeaveRequest_Action.DISCONNECT): void {
    if (this.isClosed) return
    this.isClosed = true
    this.closeReason = reason
    this.state = ParticipantInfo_State.DISCONNECTED
    if (this.session !== '') {
      const canReconnect = action !== LeaveRequest_Action.DISCONNECT
      this.send({ case: 'leave', value: new LeaveRequest({ reason, action, canReconnect }) })
      this.room.host.end(this.session, canReconnect)
    }
    this.downlink.close()
    this.room.onClosed(this)
    this.publisher.close()
    if (this.subscriber !== this.publisher) this.subscriber.close()
  }
}
