import {
  AddTrackRequest,
  DisconnectReason,
  LeaveRequest_Action,
  MediaSectionsRequirement,
  RequestResponse,
  RequestResponse_Reason,
  SessionDescription,
  TrackPublishedResponse,
} from '@livekit/protocol'
import { parseSdp, SdpError, type SdpSection, type SdpSession } from '../sdp/parse.ts'
import { type LocalSection, writeSdp } from '../sdp/write.ts'
import { type Grants, mayPublish } from '../token/grants.ts'
import { LOSSY, RELIABLE } from './data-link.ts'
import type { Downlink } from './downlink.ts'
import type { JoinInit } from './join-init.ts'
import { PublishedTrack } from './published-track.ts'
import type { Rates } from './rates.ts'
import type { SignalMessage } from './signal-message.ts'
import { refusalOf } from './track-request.ts'
import type { Transport } from './transport.ts'
import type { Uplink } from './uplink.ts'

const NO_WISHES = { codec: '', red: false, dtx: false, stereo: false }

/** The client that is negotiated with: its connections and what is done when it is settled. */
export interface Negotiator {
  readonly init: Pick<JoinInit, 'singleConnection'>
  readonly grants: Grants
  readonly isClosed: boolean
  readonly rates: Rates
  /** What it publishes, by id. */
  readonly tracks: ReadonlyMap<string, PublishedTrack>
  readonly publisher: Transport
  readonly subscriber: Transport
  readonly uplink: Uplink
  readonly downlink: Downlink
  send(message: SignalMessage): void
  close(reason: DisconnectReason, action: LeaveRequest_Action): void
  /** What takes the sound levels of a track of its. */
  levelListener(trackSid: string): (level: number, now: number) => void
  published(track: PublishedTrack): void
  unpublish(track: PublishedTrack): void
  applySettings(): void
}

/** Offers and answers with one client: which track it publishes on which section, and which sections carry what it receives. */
export class Negotiation {
  readonly #client: Negotiator
  #pending: PublishedTrack[] = []
  #offerId = 0
  #isOffering = false
  #needsOffer = false
  #isScheduled = false
  #askedSections = false
  #remoteUfrag = ''
  /** What the client's sections are, by mid. */
  #kinds = new Map<string, SdpSection['kind']>()

  constructor(client: Negotiator) {
    this.#client = client
  }

  /** A track announced and not negotiated yet. */
  pending(sid: string): PublishedTrack | undefined {
    return this.#pending.find(({ info }) => info.sid === sid)
  }

  /** Every track announced and not negotiated yet. */
  get allPending(): readonly PublishedTrack[] {
    return this.#pending
  }

  /** Forgets announced tracks which the grants no longer allow. */
  dropForbidden(): void {
    this.#pending = this.#pending.filter(({ info }) => mayPublish(this.#client.grants, info.source, info.type))
  }

  /** The client announces a track; it is told why one is not taken. */
  onAddTrack(request: AddTrackRequest): void {
    // A client that names a track of its own offers another codec for it, which it was not asked for.
    if (request.sid !== '' && this.#client.tracks.has(request.sid)) return
    const all = [...this.#client.tracks.values(), ...this.#pending]
    const refusal = this.#client.rates.take('addTrack', performance.now())
      ? refusalOf(request, this.#client.grants, all.length)
      : { reason: RequestResponse_Reason.LIMIT_EXCEEDED, message: 'too many tracks in so short a time' }
    if (refusal !== undefined) {
      const addTrack = new AddTrackRequest({ cid: request.cid.slice(0, 256) })
      const value = new RequestResponse({ ...refusal, request: { case: 'addTrack', value: addTrack } })
      this.#client.send({ case: 'requestResponse', value })
      return
    }
    if (all.some(({ cids }) => cids.includes(request.cid))) return
    const track = new PublishedTrack(request)
    this.#pending.push(track)
    this.#client.send({ case: 'trackPublished', value: new TrackPublishedResponse({ cid: request.cid, track: track.info }) })
  }

  /** The client's offer: publishing, and in single-connection mode receiving too. Throws SdpError when malformed. */
  onOffer(description: SessionDescription): void {
    const offer = parseSdp(description.sdp)
    // An offer whose sections are all stopped has no transport.
    const isOther = this.#remoteUfrag !== '' && offer.ufrag !== '' && offer.ufrag !== this.#remoteUfrag
    if (isOther) {
      // libdatachannel cannot restart ICE; the client builds a new connection instead.
      this.#client.close(DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT)
      return
    }
    this.#remoteUfrag ||= offer.ufrag
    this.#endMissing(offer)
    const published: { track: PublishedTrack; mid: string }[] = []
    const sections = offer.sections.map((section) => this.#answer(section, published))
    const setup = offer.setup === 'active' ? 'passive' : 'active'
    this.#client.publisher.start(offer, setup === 'active' ? 'passive' : 'active', [])
    const sdp = writeSdp(this.#client.publisher.describe(setup), sections, offer.isBundled)
    const midToTrackId = this.#client.init.singleConnection ? this.#client.downlink.trackIds() : {}
    this.#client.send({
      case: 'answer',
      value: new SessionDescription({ type: 'answer', sdp, id: description.id, midToTrackId }),
    })
    this.#askedSections = false
    for (const { track, mid } of published) this.#publish(track, mid)
    if (this.#client.init.singleConnection) {
      this.#client.applySettings()
      if (this.#client.downlink.needsNegotiation) this.schedule()
    }
  }

  /** Ends what was on sections the client has rejected or put to another use (RFC 8829 section 5.2.2, under a new mid). */
  #endMissing({ sections }: SdpSession): void {
    const kinds = new Map(sections.filter(({ rejected }) => !rejected).map(({ mid, kind }) => [mid, kind]))
    for (const [mid, kind] of kinds)
      if ((this.#kinds.get(mid) ?? kind) !== kind) throw new SdpError(`a=mid:${mid} was a section of another kind`)
    this.#kinds = kinds
    const alive = new Set(kinds.keys())
    for (const mid of this.#client.uplink.mids()) if (!alive.has(mid)) this.#unpublishMid(mid)
    if (this.#client.init.singleConnection) this.#client.downlink.keepSections(alive)
  }

  #answer(section: SdpSection, published: { track: PublishedTrack; mid: string }[]): LocalSection {
    if (section.kind === 'application') return plain(section, false)
    const isSending = !section.rejected && (section.direction === 'sendonly' || section.direction === 'sendrecv')
    if (!isSending) {
      if (this.#client.uplink.section(section.mid) !== undefined) this.#unpublishMid(section.mid)
      if (this.#client.init.singleConnection && !section.rejected && section.direction === 'recvonly') {
        return this.#client.downlink.answerSection(section)
      }
    }
    if (!isSending || section.rejected) {
      const idle = this.#client.uplink.negotiate(section, undefined, NO_WISHES)
      idle.local.rejected ||= section.rejected
      return idle.local
    }
    const track = this.#trackFor(section)
    const { local, codec, fmtp } = this.#client.uplink.negotiate(section, track?.info, track?.wishes ?? NO_WISHES)
    if (track !== undefined && codec !== '') {
      track.negotiated(codec, fmtp, section.mid)
      if (!track.isPublished) published.push({ track, mid: section.mid })
    }
    return local
  }

  /** The announced track a section carries: by its id in a=msid, else the first of its kind not yet negotiated. */
  #trackFor(section: SdpSection): PublishedTrack | undefined {
    const id = section.msid?.track ?? ''
    const all = [...this.#client.tracks.values(), ...this.#pending]
    const onMid = [...this.#client.tracks.values()].find(({ info, kind }) => info.mid === section.mid && kind === section.kind)
    const named = id === '' ? undefined : all.find(({ cids, kind }) => kind === section.kind && cids.includes(id))
    return named ?? onMid ?? this.#pending.find(({ kind, info }) => kind === section.kind && info.mid === '')
  }

  #publish(track: PublishedTrack, mid: string): void {
    this.#pending = this.#pending.filter((item) => item !== track)
    const onLevel = track.kind === 'audio' ? this.#client.levelListener(track.info.sid) : undefined
    track.media = this.#client.uplink.attach(mid, track.info.sid, onLevel)
    if (track.media === undefined) return
    track.media.isMuted = track.info.muted
    track.isPublished = true
    this.#client.published(track)
  }

  #unpublishMid(mid: string): void {
    for (const track of this.#client.tracks.values()) if (track.info.mid === mid) this.#client.unpublish(track)
    this.#client.uplink.detach(mid)
  }

  /** The client's answer to our offer (two-connection mode). Throws SdpError when malformed. */
  onAnswer(description: SessionDescription): void {
    if (this.#client.init.singleConnection || !this.#isOffering || (description.id !== 0 && description.id !== this.#offerId))
      return
    const answer: SdpSession = parseSdp(description.sdp)
    this.#isOffering = false
    this.#client.subscriber.start(answer, answer.setup === 'passive' ? 'passive' : 'active', [
      { label: RELIABLE, reliable: true },
      { label: LOSSY, reliable: false },
    ])
    this.#client.downlink.answered(answer)
    this.#client.applySettings()
    if (this.#needsOffer || this.#client.downlink.needsNegotiation) this.schedule()
  }

  /** Lets the client know of what changed for it to receive; several changes in one turn make one negotiation. */
  schedule(): void {
    this.#needsOffer = true
    if (this.#isScheduled || this.#client.isClosed) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#client.isClosed || !this.#needsOffer) return
      if (this.#client.init.singleConnection) this.#askForSections()
      else if (!this.#isOffering) this.offer()
    })
  }

  #askForSections(): void {
    this.#needsOffer = false
    if (this.#askedSections) return
    this.#askedSections = true
    const { audio, video } = this.#client.downlink.missingSections()
    this.#client.send({
      case: 'mediaSectionsRequirement',
      value: new MediaSectionsRequirement({ numAudios: audio, numVideos: video }),
    })
  }

  /** Sends an offer of all there is to receive (two-connection mode). */
  offer(): void {
    this.#needsOffer = false
    this.#isOffering = true
    const sections: LocalSection[] = [dataSection('0'), ...this.#client.downlink.offer()]
    const sdp = writeSdp(this.#client.subscriber.describe('actpass'), sections)
    this.#offerId++
    const midToTrackId = this.#client.downlink.trackIds()
    this.#client.send({
      case: 'offer',
      value: new SessionDescription({ type: 'offer', sdp, id: this.#offerId, midToTrackId }),
    })
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
