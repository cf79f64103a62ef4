import {
  ClientConfigSetting,
  ClientConfiguration,
  DataPacket,
  DisconnectReason,
  JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  ParticipantInfo,
  ParticipantInfo_State,
  SessionDescription,
  SignalResponse,
  type SubscriptionPermission,
  TrackSubscribed,
  type UpdateTrackSettings,
  type VideoQuality,
} from '@livekit/protocol'
import type { JoinInit } from '../cluster/wire.ts'
import { parseRtcp, type RtcpHandlers } from '../rtcp/parse.ts'
import { isRtcp } from '../rtp/header.ts'
import { PUBLISHABLE } from '../sdp/codecs.ts'
import { type Grants, mayPublish, permissionOf } from '../token/grants.ts'
import { DataLink, LOSSY, RELIABLE } from './data-link.ts'
import { type Carried, Downlink } from './downlink.ts'
import { newId } from './ids.ts'
import { Negotiation } from './negotiation.ts'
import type { PublishedTrack } from './published-track.ts'
import type { Room } from './room.ts'
import { rtcpHandlers } from './rtcp-reader.ts'
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

type SignalMessage = NonNullable<ConstructorParameters<typeof SignalResponse>[0]>['message']

/** One participant of a room: its connections, what it publishes and what it receives. */
export class Participant {
  readonly sid = newId('PA')
  readonly identity: string
  readonly joinedAtMs = Date.now()
  readonly room: Room
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
  /** Who may subscribe to its tracks; undefined: everybody. */
  subscriptionPermission: SubscriptionPermission | undefined
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
  /** Tracks the client itself asked for or refused; decides over auto-subscribe. */
  readonly #unwanted = new Set<string>()
  readonly negotiation: Negotiation
  readonly #data: DataLink
  readonly #rtcp: RtcpHandlers

  constructor(room: Room, session: string, init: JoinInit) {
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
      message: (label, data) => this.#onData(label, data),
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
    const tracks = [...this.tracks.values()].filter(({ isPublished }) => isPublished).map(({ info }) => info)
    return new ParticipantInfo({
      sid: this.sid,
      identity: this.identity,
      state: this.state,
      tracks,
      metadata: this.metadata,
      joinedAt: BigInt(Math.floor(this.joinedAtMs / 1000)),
      joinedAtMs: BigInt(this.joinedAtMs),
      name: this.name,
      version: this.version,
      permission: permissionOf(this.grants),
      isPublisher: tracks.length > 0,
      kind: this.grants.kind,
      attributes: this.attributes,
      disconnectReason: this.closeReason,
      clientProtocol: this.init.clientProtocol,
    })
  }

  send(message: SignalMessage): void {
    if (this.session === '') return
    this.room.host.signal(this.session, new SignalResponse({ message: message! }))
  }

  /** The first message a client gets, then the negotiation it brought with it. */
  welcome(): void {
    this.state = ParticipantInfo_State.JOINED
    this.send({
      case: 'join',
      value: new JoinResponse({
        room: this.room.info(),
        participant: this.info(),
        otherParticipants: this.room.visibleTo(this).map((other) => other.info()),
        serverVersion: this.room.host.serverInfo.version,
        serverInfo: this.room.host.serverInfo,
        // Credentials of a relay are for those who have something to send through it.
        iceServers: this.grants.canPublish || this.grants.canSubscribe ? this.room.host.iceServers : [],
        subscriberPrimary: !this.init.singleConnection,
        pingTimeout: 15,
        pingInterval: 5,
        clientConfiguration: new ClientConfiguration({ resumeConnection: ClientConfigSetting.DISABLED }),
        enabledPublishCodecs: PUBLISHABLE.map((mime) => ({ mime })),
        // As livekit-server: without it the Rust client waits 150 ms to offer, and may then cross our requests for sections.
        fastPublish: this.grants.canPublish,
      }),
    })
  }

  /** Starts negotiating; existing tracks are already subscribed. */
  start(): void {
    if (!this.init.singleConnection) {
      this.negotiation.offer()
      return
    }
    if (this.init.publisherOffer !== undefined) this.negotiation.onOffer(SessionDescription.fromBinary(this.init.publisherOffer))
  }

  unpublish(track: PublishedTrack): void {
    if (!this.tracks.delete(track.info.sid)) return
    this.uplink.detach(track.info.mid)
    this.room.onUnpublished(this, track)
  }

  // Subscriptions.

  /** Whether a track newly published is taken without the client asking. */
  wantsAutomatically(track: PublishedTrack): boolean {
    return this.init.autoSubscribe && !this.#unwanted.has(track.info.sid)
  }

  subscribe(publisher: Participant, track: PublishedTrack): void {
    if (
      this.isClosed ||
      !this.grants.canSubscribe ||
      track.media === undefined ||
      this.downlink.get(track.info.sid) !== undefined
    )
      return
    if (!publisher.allowsSubscription(this, track.info.sid)) return
    this.#unwanted.delete(track.info.sid)
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
    if (byClient) this.#unwanted.add(sid)
    if (this.downlink.get(sid) === undefined) return
    this.downlink.remove(sid)
    this.negotiation.schedule()
  }

  allowsSubscription(subscriber: Participant, sid: string): boolean {
    const permission = this.subscriptionPermission
    if (permission === undefined || permission.allParticipants) return true
    return permission.trackPermissions.some(
      (item) =>
        (item.participantIdentity === subscriber.identity || item.participantSid === subscriber.sid) &&
        (item.allTracks || item.trackSids.includes(sid)),
    )
  }

  onTrackSettings(update: UpdateTrackSettings): void {
    for (const sid of update.trackSids) {
      if (this.room.trackBySid(sid) === undefined) continue
      const { disabled, quality, width, height } = update
      this.settings.set(sid, { disabled, quality, width, height })
    }
    this.applySettings()
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
    this.room.allocator.apply(this, performance.now())
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
      if (!mayPublish(grants, track.info.source)) this.unpublish(track)
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

  #onData(label: string, data: Buffer): void {
    if ((label !== RELIABLE && label !== LOSSY) || !this.grants.canPublishData || this.isClosed) return
    let packet: DataPacket
    try {
      packet = DataPacket.fromBinary(data)
    } catch {
      this.malformed++
      return
    }
    this.room.onDataPacket(this, packet, label)
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
