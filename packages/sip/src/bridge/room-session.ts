import { randomBytes, randomInt } from 'node:crypto'
import {
  AddTrackRequest,
  DisconnectReason,
  type JoinResponse,
  type LeaveRequest,
  LeaveRequest_Action,
  MuteTrackRequest,
  SessionDescription,
  SimulcastCodec,
  TrackSource,
  TrackType,
  UpdateSubscription,
} from '@livekit/protocol'
import { Condition } from './condition.ts'
import { DtlsTransport } from './dtls-transport.ts'
import { Roster } from './roster.ts'
import { type LocalSection, parseAnswer, payloadTypes, type RemoteSection, type RoomCodec, writeOffer } from './sdp.ts'
import { type Incoming, SignalLink } from './signal.ts'

/** Why a session ended: one that broke may be taken up again with the same token. */
export type End = 'removed' | 'ended' | 'refused' | 'broke'

export interface RoomSessionEvents {
  joined(identity: string): void
  left(identity: string): void
  /** Somebody's sound is in the room, and may be subscribed to. */
  published(trackSid: string, identity: string): void
  /** The server muted our microphone, or unmuted it. */
  muted(muted: boolean): void
  /** The server took our microphone from the room. */
  unpublished(): void
  /** On which sections the server sends now. */
  receiving(sections: RemoteSection[]): void
  packet(packet: Buffer): void
  /** A newer token to come back with. */
  token(token: string): void
  ended(why: End): void
}

/** What goes out as our microphone. */
export interface Publication {
  sid: string
  ssrc: number
  codec: RoomCodec
}

interface Publishing extends Publication {
  cid: string
  mid: string
  accepted: boolean
}

const ends: Partial<Record<DisconnectReason, End>> = {
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'ended',
  [DisconnectReason.ROOM_CLOSED]: 'ended',
  [DisconnectReason.SERVER_SHUTDOWN]: 'broke',
}

/** One stay of one participant in a room, over one peer connection. It does not come back by itself. */
export class RoomSession {
  readonly #events: RoomSessionEvents
  readonly #link: SignalLink
  readonly #transport: DtlsTransport
  readonly #roster: Roster
  readonly #sections: LocalSection[] = []
  #joined: JoinResponse | undefined
  #publishing: Publishing | undefined
  #offers = 0
  #isOffering = false
  #offerAgain = false
  #over: Error | undefined
  readonly #condition = new Condition(() => this.#over)

  /** Begin to join; `joined` and `publish` tell how it goes. */
  constructor(url: string, token: string, events: RoomSessionEvents) {
    this.#events = events
    this.#roster = new Roster(events)
    this.#transport = new DtlsTransport({
      packet: (packet) => events.packet(packet),
      connected: () => this.#condition.changed(),
      failed: () => this.#end('broke', 'the connection for sound broke'),
    })
    this.#link = new SignalLink(url, token, {
      message: (message) => this.#take(message),
      closed: (why) => this.#end('broke', why.message),
    })
  }

  get identity(): string {
    return this.#joined?.participant?.identity ?? ''
  }

  /** Whether a microphone may be published. */
  get maySpeak(): boolean {
    const permission = this.#joined?.participant?.permission
    const sources = permission?.canPublishSources ?? []
    return permission?.canPublish !== false && (sources.length === 0 || sources.includes(TrackSource.MICROPHONE))
  }

  /** Whether the server takes sound of that codec. */
  takes(codec: RoomCodec): boolean {
    return this.#joined?.enabledPublishCodecs.some(({ mime }) => mime.toLowerCase() === `audio/${codec.toLowerCase()}`) ?? false
  }

  /** Wait until the server has let us in. Rejects when it refuses, or does not in `timeout` milliseconds. */
  async enter(timeout: number): Promise<void> {
    await this.#condition.until(() => this.#joined !== undefined, timeout)
  }

  /** Have a connection without publishing, to be there and to receive. */
  async listen(timeout: number): Promise<void> {
    if (this.#sections.length === 0) {
      this.#sections.push({ kind: 'receiver' })
      this.#negotiate()
    }
    await this.#condition.until(() => this.#transport.isOpen, timeout)
  }

  /** Publish a microphone. Rejects when the server does not take it in `timeout` milliseconds. */
  async publish(codec: RoomCodec, muted: boolean, timeout: number): Promise<Publication> {
    const cid = randomBytes(8).toString('hex')
    const ssrc = randomInt(1, 2 ** 32 - 1)
    const mid = String(this.#sections.length)
    const publishing: Publishing = { sid: '', ssrc, codec, cid, mid, accepted: false }
    this.#publishing = publishing
    const request = new AddTrackRequest({
      cid,
      name: 'telephone',
      type: TrackType.AUDIO,
      source: TrackSource.MICROPHONE,
      muted,
      disableRed: true,
      simulcastCodecs: [new SimulcastCodec({ codec: codec.toLowerCase(), cid })],
    })
    this.#link.send({ case: 'addTrack', value: request })
    this.#sections.push({ kind: 'microphone', codec, cid, ssrc })
    this.#negotiate()
    await this.#condition.until(() => publishing.accepted && publishing.sid !== '' && this.#transport.isOpen, timeout)
    return publishing
  }

  setMuted(muted: boolean): void {
    const sid = this.#publishing?.sid
    if (sid) this.#link.send({ case: 'mute', value: new MuteTrackRequest({ sid, muted }) })
  }

  subscribe(trackSids: string[]): void {
    if (trackSids.length > 0)
      this.#link.send({ case: 'subscription', value: new UpdateSubscription({ trackSids, subscribe: true }) })
  }

  /** Everybody's sound there is now, ours not among it. */
  get tracks(): { sid: string; identity: string }[] {
    return this.#roster.tracks
  }

  send(packet: Buffer): void {
    this.#transport.send(packet)
  }

  /** Leave. Nothing is told of it. */
  close(): void {
    this.#over ??= new Error('left the meeting')
    this.#link.close()
    this.#transport.close()
    this.#condition.changed()
  }

  #take(message: Incoming): void {
    switch (message.case) {
      case 'join':
        this.#joined = message.value
        this.#roster.begin(message.value)
        this.#condition.changed()
        return
      case 'answer':
        this.#answered(message.value)
        return
      case 'trickle':
        this.#trickled(message.value.candidateInit)
        return
      case 'update':
        this.#roster.update(message.value.participants)
        return
      case 'trackPublished':
        if (this.#publishing?.cid === message.value.cid) this.#publishing.sid = message.value.track?.sid ?? ''
        this.#condition.changed()
        return
      case 'trackUnpublished':
        if (this.#publishing?.sid === message.value.trackSid) this.#unpublished(this.#publishing)
        return
      case 'mute':
        if (this.#publishing?.sid === message.value.sid) this.#events.muted(message.value.muted)
        return
      case 'mediaSectionsRequirement':
        for (let count = Math.min(1_000, message.value.numAudios); count > 0; count--) this.#sections.push({ kind: 'receiver' })
        this.#negotiate()
        return
      case 'refreshToken':
        this.#events.token(message.value)
        return
      case 'leave':
        this.#left(message.value)
        return
    }
  }

  #negotiate(): void {
    if (this.#isOffering) {
      this.#offerAgain = true
      return
    }
    this.#isOffering = true
    this.#offerAgain = false
    const sdp = writeOffer(this.#transport.local, ++this.#offers, this.#sections)
    this.#link.send({ case: 'offer', value: new SessionDescription({ type: 'offer', sdp, id: this.#offers }) })
  }

  #answered({ sdp, id }: SessionDescription): void {
    if (!this.#isOffering || (id !== 0 && id !== this.#offers)) return
    this.#isOffering = false
    try {
      const { transport, sections } = parseAnswer(sdp)
      this.#transport.connect(transport)
      const publishing = this.#publishing
      const own = sections.find(({ mid }) => mid === publishing?.mid)
      if (publishing && own) {
        if (!own.active || own.payloads.get(payloadTypes[publishing.codec]) !== publishing.codec)
          throw new Error('the meeting server does not take our sound')
        publishing.accepted = true
      }
      this.#events.receiving(sections.filter(({ mid, active }) => active && this.#sections[Number(mid)]?.kind === 'receiver'))
    } catch (error) {
      this.#end('broke', error instanceof Error ? error.message : String(error))
      return
    }
    this.#condition.changed()
    if (this.#offerAgain) this.#negotiate()
  }

  #trickled(candidateInit: string): void {
    try {
      const init: unknown = JSON.parse(candidateInit)
      const candidate = (init as { candidate?: unknown } | null)?.candidate
      if (typeof candidate === 'string' && candidate !== '') this.#transport.candidate(candidate)
    } catch {
      // Not a candidate; the answer has some.
    }
  }

  #unpublished(publishing: Publishing): void {
    this.#publishing = undefined
    this.#sections[Number(publishing.mid)] = { kind: 'idle' }
    this.#negotiate()
    this.#events.unpublished()
  }

  #left({ reason, action, canReconnect }: LeaveRequest): void {
    const mayReturn = action !== LeaveRequest_Action.DISCONNECT || canReconnect
    this.#end(ends[reason] ?? (mayReturn ? 'broke' : 'refused'), `the meeting server ended it: ${DisconnectReason[reason]}`)
  }

  #end(why: End, message: string): void {
    if (this.#over) return
    this.#over = new Error(message)
    this.close()
    this.#events.ended(why)
  }
}
