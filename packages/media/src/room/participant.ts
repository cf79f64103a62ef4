import {
  type AddTrackRequest,
  ClientConfigSetting,
  ClientConfiguration,
  DataPacket,
  DisconnectReason,
  JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  MediaSectionsRequirement,
  ParticipantInfo,
  ParticipantInfo_State,
  SessionDescription,
  SignalResponse,
  type SubscriptionPermission,
  TrackPublishedResponse,
  TrackSubscribed,
  TrackType,
  type UpdateTrackSettings,
  type VideoQuality,
} from '@livekit/protocol'
import type { JoinInit } from '../cluster/wire.ts'
import { parseRtcp, type RtcpHandlers } from '../rtcp/parse.ts'
import { ntpTime } from '../rtcp/write.ts'
import { isRtcp } from '../rtp/header.ts'
import { parseSdp, type SdpSection, type SdpSession } from '../sdp/parse.ts'
import { type LocalSection, writeSdp } from '../sdp/write.ts'
import { type Grants, mayPublish, permissionOf } from '../token/grants.ts'
import { type Carried, Downlink } from './downlink.ts'
import { newId } from './ids.ts'
import { PublishedTrack } from './published-track.ts'
import type { Room } from './room.ts'
import { Transport } from './transport.ts'
import { Uplink } from './uplink.ts'

export const RELIABLE = '_reliable'
export const LOSSY = '_lossy'
const SUBSCRIBER_EXTENSIONS = { audioLevel: 1, transportSequence: 3, playoutDelay: 6, orientation: 11, dependencyDescriptor: 12 }
const FAILED_GRACE_MS = 400
const MAX_PENDING_TRACKS = 64
const MAX_BACKLOG = 1_000_000
const MAX_BUFFERED_LOSSY = 256_000
const MAX_BUFFERED_RELIABLE = 16_000_000

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
  #pending: PublishedTrack[] = []
  #offerId = 0
  #isOffering = false
  #needsOffer = false
  #isScheduled = false
  #askedSections = false
  /** Tracks the client itself asked for or refused; decides over auto-subscribe. */
  readonly #unwanted = new Set<string>()
  #remoteUfrag = ''
  readonly #channelsOpened = new Set<string>()
  readonly #backlog: Buffer[] = []
  #backlogSize = 0

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
      channel: (label) => init.singleConnection && this.#flush(label),
      message: (label, data) => this.#onData(label, data),
    })
    this.uplink = new Uplink(this.publisher)
    this.subscriber = init.singleConnection
      ? this.publisher
      : new Transport(room.host.transport, {
          packet: (packet) => this.#onPacket(packet),
          connected: () => this.#onConnected(this.subscriber),
          failed: () => this.#onFailed(),
          channel: (label) => this.#flush(label),
          message: () => {},
        })
    if (!init.singleConnection) this.subscriber.chooseExtensions(SUBSCRIBER_EXTENSIONS)
    this.downlink = new Downlink(this.subscriber)
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
        iceServers: this.room.host.iceServers,
        subscriberPrimary: !this.init.singleConnection,
        pingTimeout: 15,
        pingInterval: 5,
        clientConfiguration: new ClientConfiguration({ resumeConnection: ClientConfigSetting.DISABLED }),
        fastPublish: this.grants.canPublish && !this.init.singleConnection,
      }),
    })
  }

  /** Starts negotiating; existing tracks are already subscribed. */
  start(): void {
    if (!this.init.singleConnection) {
      this.#offer()
      return
    }
    if (this.init.publisherOffer !== undefined) this.onOffer(SessionDescription.fromBinary(this.init.publisherOffer))
  }

  // Signalling.

  onAddTrack(request: AddTrackRequest): void {
    if (!mayPublish(this.grants, request.source)) return
    const known = [...this.tracks.values(), ...this.#pending].find(({ cids }) => cids.includes(request.cid))
    if (known !== undefined || this.#pending.length >= MAX_PENDING_TRACKS || request.type === TrackType.DATA) return
    const track = new PublishedTrack(request)
    if (track.info.sid !== '' && this.tracks.has(track.info.sid)) return
    this.#pending.push(track)
    this.send({ case: 'trackPublished', value: new TrackPublishedResponse({ cid: request.cid, track: track.info }) })
  }

  /** The client's offer: publishing, and in single-connection mode receiving too. Throws SdpError when malformed. */
  onOffer(description: SessionDescription): void {
    const offer = parseSdp(description.sdp)
    if (this.#remoteUfrag !== '' && offer.ufrag !== this.#remoteUfrag) {
      // libdatachannel cannot restart ICE; the client builds a new connection instead.
      this.close(DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT)
      return
    }
    this.#remoteUfrag = offer.ufrag
    const published: { track: PublishedTrack; mid: string }[] = []
    const sections = offer.sections.map((section) => this.#answer(section, published))
    const setup = offer.setup === 'active' ? 'passive' : 'active'
    this.publisher.start(offer, setup === 'active' ? 'passive' : 'active', [])
    const sdp = writeSdp(this.publisher.describe(setup), sections)
    const midToTrackId = this.init.singleConnection ? this.downlink.trackIds() : {}
    this.send({ case: 'answer', value: new SessionDescription({ type: 'answer', sdp, id: description.id, midToTrackId }) })
    this.#askedSections = false
    for (const { track, mid } of published) this.#publish(track, mid)
    if (this.init.singleConnection) {
      this.applySettings()
      if (this.downlink.needsNegotiation) this.negotiate()
    }
  }

  #answer(section: SdpSection, published: { track: PublishedTrack; mid: string }[]): LocalSection {
    if (section.kind === 'application') return plain(section, false)
    const isSending = !section.rejected && (section.direction === 'sendonly' || section.direction === 'sendrecv')
    if (!isSending) {
      if (this.uplink.section(section.mid) !== undefined) this.#unpublishMid(section.mid)
      if (this.init.singleConnection && !section.rejected && section.direction === 'recvonly') {
        return this.downlink.answerSection(section)
      }
    }
    if (!isSending || section.rejected) {
      const idle = this.uplink.negotiate(section, undefined, { codec: '', red: false, dtx: false, stereo: false })
      idle.local.rejected ||= section.rejected
      return idle.local
    }
    const track = this.#trackFor(section)
    const { local, codec, fmtp } = this.uplink.negotiate(
      section,
      track?.info,
      track?.wishes ?? { codec: '', red: false, dtx: false, stereo: false },
    )
    if (track !== undefined && codec !== '') {
      track.negotiated(codec, fmtp, section.mid)
      if (!track.isPublished) published.push({ track, mid: section.mid })
    }
    return local
  }

  /** The announced track a section carries: by its id in a=msid, else the first of its kind not yet negotiated. */
  #trackFor(section: SdpSection): PublishedTrack | undefined {
    const id = section.msid?.track ?? ''
    const all = [...this.tracks.values(), ...this.#pending]
    const onMid = [...this.tracks.values()].find(({ info, isPublished }) => isPublished && info.mid === section.mid)
    const named = id === '' ? undefined : all.find(({ cids, kind }) => kind === section.kind && cids.includes(id))
    return named ?? onMid ?? this.#pending.find(({ kind, info }) => kind === section.kind && info.mid === '')
  }

  #publish(track: PublishedTrack, mid: string): void {
    this.#pending = this.#pending.filter((item) => item !== track)
    const onLevel = track.kind === 'audio' ? this.room.speakers.listener(this.sid, track.info.sid) : undefined
    track.media = this.uplink.attach(mid, track.info.sid, onLevel)
    if (track.media === undefined) return
    track.media.isMuted = track.info.muted
    track.isPublished = true
    this.tracks.set(track.info.sid, track)
    this.room.onPublished(this, track)
  }

  #unpublishMid(mid: string): void {
    for (const track of this.tracks.values()) if (track.info.mid === mid) this.unpublish(track)
    this.uplink.detach(mid)
  }

  unpublish(track: PublishedTrack): void {
    if (!this.tracks.delete(track.info.sid)) return
    this.uplink.detach(track.info.mid)
    this.room.onUnpublished(this, track)
  }

  /** The client's answer to our offer (two-connection mode). Throws SdpError when malformed. */
  onAnswer(description: SessionDescription): void {
    if (this.init.singleConnection || !this.#isOffering || (description.id !== 0 && description.id !== this.#offerId)) return
    const answer: SdpSession = parseSdp(description.sdp)
    this.#isOffering = false
    this.subscriber.start(answer, answer.setup === 'passive' ? 'passive' : 'active', [
      { label: RELIABLE, reliable: true },
      { label: LOSSY, reliable: false },
    ])
    this.downlink.answered(answer)
    this.applySettings()
    if (this.#needsOffer || this.downlink.needsNegotiation) this.negotiate()
  }

  /** Lets the client know of what changed for it to receive; several changes in one turn make one negotiation. */
  negotiate(): void {
    this.#needsOffer = true
    if (this.#isScheduled || this.isClosed) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.isClosed || !this.#needsOffer) return
      if (this.init.singleConnection) this.#askForSections()
      else if (!this.#isOffering) this.#offer()
    })
  }

  #askForSections(): void {
    this.#needsOffer = false
    if (this.#askedSections) return
    this.#askedSections = true
    const { audio, video } = this.downlink.missingSections()
    this.send({ case: 'mediaSectionsRequirement', value: new MediaSectionsRequirement({ numAudios: audio, numVideos: video }) })
  }

  #offer(): void {
    this.#needsOffer = false
    this.#isOffering = true
    const sections: LocalSection[] = [dataSection('0'), ...this.downlink.offer()]
    const sdp = writeSdp(this.subscriber.describe('actpass'), sections)
    this.#offerId++
    const midToTrackId = this.downlink.trackIds()
    this.send({ case: 'offer', value: new SessionDescription({ type: 'offer', sdp, id: this.#offerId, midToTrackId }) })
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
    this.negotiate()
    if (track.isSubscribed) return
    track.isSubscribed = true
    publisher.send({ case: 'trackSubscribed', value: new TrackSubscribed({ trackSid: track.info.sid }) })
  }

  unsubscribe(sid: string, byClient: boolean): void {
    if (byClient) this.#unwanted.add(sid)
    if (this.downlink.get(sid) === undefined) return
    this.downlink.remove(sid)
    this.negotiate()
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
    this.#pending = this.#pending.filter(({ info }) => mayPublish(grants, info.source))
    if (couldSubscribe && !grants.canSubscribe) {
      for (const { track } of [...this.downlink.all]) this.unsubscribe(track.sid, false)
    } else if (!couldSubscribe && grants.canSubscribe) this.room.subscribeToAll(this)
  }

  /** A track by its id, negotiated or not yet. */
  trackOrPending(sid: string): PublishedTrack | undefined {
    return this.tracks.get(sid) ?? this.#pending.find(({ info }) => info.sid === sid)
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

  readonly #rtcp: RtcpHandlers = {
    senderReport: (ssrc, high, low, rtp) => this.uplink.senderReport(ssrc, high, low, rtp, performance.now()),
    report: (ssrc, fraction, _lost, _jitter, lastSr, delay) => {
      const downstream = this.downlink.bySsrc(ssrc)
      if (downstream !== undefined) downstream.fractionLost = fraction / 256
      if (lastSr === 0) return
      const [high, low] = ntpTime(Date.now())
      const rtt = ((((high & 0xffff) * 0x10000 + (low >>> 16)) >>> 0) - lastSr - delay) / 65.536
      if (rtt <= 0 || rtt > 5_000) return
      this.downlink.rttMs = rtt
      this.subscriber.rttMs = rtt
    },
    nack: (ssrc, sequence) => this.downlink.bySsrc(ssrc)?.retransmit(sequence, performance.now()),
    keyframeRequest: (ssrc) => {
      const layer = this.downlink.bySsrc(ssrc)?.currentSegmentLayer
      if (layer !== undefined) this.room.requestKeyframe(layer, performance.now())
    },
    remb: (bitrate) => this.subscriber.estimator.receiverEstimate(bitrate, performance.now()),
    transportFeedback: (packet, start, end) => {
      if (!this.subscriber.estimator.feedback(packet, start, end, performance.now())) this.malformed++
    },
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
    const limit = label === LOSSY ? MAX_BUFFERED_LOSSY : MAX_BUFFERED_RELIABLE
    if (this.subscriber.peer.bufferedAmount(label) > limit) return
    if (this.subscriber.peer.sendData(label, data) || label === LOSSY || this.#channelsOpened.has(label)) return
    // It has joined but its channel is not open yet: reliable means it gets this too.
    if (this.#backlogSize + data.length > MAX_BACKLOG) return
    this.#backlog.push(data)
    this.#backlogSize += data.length
  }

  #flush(label: string): void {
    this.#channelsOpened.add(label)
    if (label !== RELIABLE) return
    for (const data of this.#backlog.splice(0)) this.subscriber.peer.sendData(label, data)
    this.#backlogSize = 0
  }

  // Life.

  #onConnected(transport: Transport): void {
    if (transport !== this.subscriber || this.state === ParticipantInfo_State.ACTIVE || this.isClosed) return
    this.state = ParticipantInfo_State.ACTIVE
    this.wasActive = true
    this.room.onActive(this)
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
      this.room.host.end(this.session)
    }
    this.downlink.close()
    this.room.onClosed(this)
    this.publisher.close()
    if (this.subscriber !== this.publisher) this.subscriber.close()
  }
}

function plain(section: SdpSection, rejected: boolean): LocalSection {
  return { ...dataSection(section.mid), kind: section.kind, rejected: rejected || section.rejected }
}

function dataSection(mid: string): LocalSection {
  return {
    kind: 'application',
    mid,
    direction: 'sendrecv',
    rejected: false,
    codecs: [],
    extensions: [],
    rids: [],
    sending: undefined,
  }
}
