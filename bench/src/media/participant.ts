import {
  AddTrackRequest,
  LeaveRequest,
  Ping,
  SessionDescription,
  SignalRequest,
  SignalResponse,
  SignalTarget,
  SimulcastCodec,
  TrackSource,
  TrackType,
  TrickleRequest,
  UpdateTrackSettings,
  VideoLayer,
  VideoQuality,
} from '@livekit/protocol'
import { isRtcp } from '@parley/rtp'
import { PeerConnection, type Track as Pipe, Video } from 'node-datachannel'
import { WebSocket } from 'ws'
import { age, type Incoming, keyframeRequests, newStream, receiverReport, rtpPacket, type Stream, senderReport } from './rtp.ts'
import { audioType, type Endpoint, endpoint, type Offered, pipe, publisherOffer, subscriberAnswer, videoType } from './sdp.ts'

/** Frames a second, and bytes of payload in a full packet, of every synthetic video. */
const frameRate = 25
const packetBytes = 1100

/** One video layer a participant sends. */
export interface Layer {
  rid?: string
  width: number
  height: number
  bitrate: number
}

/** Counts of what a participant received, since reset(). */
export interface Received {
  packets: number
  /** Milliseconds between making and receiving, of every packet. */
  ages: number[]
}

type Outgoing = SignalRequest['message']

/** A participant of a LiveKit room without codecs or devices: real signalling, ICE, DTLS and SRTP; made-up media. */
export class Participant {
  readonly identity: string
  readonly received: Received = { packets: 0, ages: [] }
  /** Milliseconds from connect() to the first media packet. */
  firstPacket: number | undefined
  /** Track sids of others by kind, as announced. */
  readonly videos = new Map<string, string>()
  #socket: WebSocket
  #publisher: PeerConnection | undefined
  #publisherPipe: Pipe | undefined
  #subscriber: PeerConnection | undefined
  #subscriberPipe: Pipe | undefined
  #subscriberOwn: Endpoint | undefined
  #answered: ((sdp: string) => void) | undefined
  #published = new Map<string, (sid: string) => void>()
  #candidates = { [SignalTarget.PUBLISHER]: [] as string[], [SignalTarget.SUBSCRIBER]: [] as string[] }
  #publisherRemote = false
  #subscriberRemote = false
  #timers: NodeJS.Timeout[] = []
  #incoming = new Map<number, Incoming>()
  #keyframes = new Set<number>()
  #transportSequence = 0
  #started = performance.now()
  #joined: Promise<void>
  #own = (Math.random() * 0xffffffff) >>> 0

  constructor(identity: string, url: string, token: string) {
    this.identity = identity
    const query = `access_token=${token}&protocol=16&auto_subscribe=1&sdk=js&version=2.23.0&adaptive_stream=0`
    this.#socket = new WebSocket(`${url}/rtc?${query}`, { perMessageDeflate: false })
    this.#joined = new Promise((resolve, reject) => {
      this.#socket.on('error', reject)
      this.#socket.on('message', (data: Buffer) => this.#take(SignalResponse.fromBinary(data), resolve))
    })
    this.#every(1000, () => this.#report())
  }

  /** Resolves when the server has let the participant in. */
  joined(): Promise<void> {
    return this.#joined
  }

  /** Resolves with the first media packet; fails when none comes within `timeout` milliseconds. */
  async heard(timeout: number): Promise<void> {
    const end = performance.now() + timeout
    while (this.firstPacket === undefined) {
      if (performance.now() > end) throw new Error(`${this.identity} received nothing in ${timeout} ms`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Forget counts, as at the start of a measurement. */
  reset(): void {
    this.received.packets = 0
    this.received.ages = []
  }

  /** Publish video in the given layers, and audio if asked; resolves when packets flow. */
  async publish(layers: Layer[], withAudio: boolean): Promise<void> {
    const offered: Offered[] = []
    const streams: [Stream, Layer | undefined][] = []
    if (layers.length > 0) {
      const cid = `${this.identity}-video`
      await this.#addTrack(cid, false, layers)
      const own = layers.map((layer) => {
        const stream = newStream({ payloadType: videoType, mid: '0', audio: false, ...(layer.rid ? { rid: layer.rid } : {}) })
        streams.push([stream, layer])
        return stream
      })
      offered.push({ mid: '0', cid, audio: false, streams: own })
    }
    if (withAudio) {
      const cid = `${this.identity}-audio`
      const mid = String(offered.length)
      await this.#addTrack(cid, true, [])
      const stream = newStream({ payloadType: audioType, mid, audio: true })
      streams.push([stream, undefined])
      offered.push({ mid, cid, audio: true, streams: [stream] })
    }
    await this.#connectPublisher(offered)
    // Spread the senders over the frame time: real cameras do not click together.
    await new Promise((resolve) => setTimeout(resolve, (Math.random() * 1000) / frameRate))
    for (const [stream, layer] of streams) {
      if (layer) this.#sendVideo(stream, layer.bitrate)
      else this.#sendAudio(stream)
    }
    this.#every(1000, () => {
      for (const [stream] of streams) this.#publisherPipe?.sendMessageBinary(senderReport(stream))
    })
  }

  /** Ask the server for one quality of a track. */
  want(sid: string, quality: 'low' | 'high'): void {
    const settings = { trackSids: [sid], quality: quality === 'low' ? VideoQuality.LOW : VideoQuality.HIGH }
    this.#send({ case: 'trackSetting', value: new UpdateTrackSettings(settings) })
  }

  leave(): void {
    this.#send({ case: 'leave', value: new LeaveRequest() })
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    this.#publisher?.close()
    this.#subscriber?.close()
    this.#socket.close()
  }

  #every(ms: number, action: () => void): void {
    this.#timers.push(setInterval(action, ms))
  }

  #send(message: Outgoing): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new SignalRequest({ message }).toBinary())
  }

  #take(response: SignalResponse, joined: () => void): void {
    const { message } = response
    if (message.case === 'join') {
      this.#every(Math.max(1, message.value.pingInterval || 5) * 1000, () =>
        this.#send({ case: 'pingReq', value: new Ping({ timestamp: BigInt(Date.now()), rtt: 1n }) }),
      )
      for (const other of message.value.otherParticipants) this.#meet(other.identity, other.tracks)
      joined()
    } else if (message.case === 'offer') this.#offered(message.value)
    else if (message.case === 'answer') this.#answered?.(message.value.sdp)
    else if (message.case === 'trickle') this.#trickled(message.value)
    else if (message.case === 'trackPublished') this.#published.get(message.value.cid)?.(message.value.track?.sid ?? '')
    else if (message.case === 'update') for (const other of message.value.participants) this.#meet(other.identity, other.tracks)
  }

  #meet(identity: string, tracks: { sid: string; type: TrackType }[]): void {
    if (identity === this.identity) return
    for (const track of tracks) if (track.type === TrackType.VIDEO) this.videos.set(track.sid, identity)
  }

  #trickled({ candidateInit, target }: TrickleRequest): void {
    const { candidate } = JSON.parse(candidateInit) as { candidate?: string }
    if (!candidate) return
    const [connection, ready] =
      target === SignalTarget.PUBLISHER ? [this.#publisher, this.#publisherRemote] : [this.#subscriber, this.#subscriberRemote]
    if (ready) connection?.addRemoteCandidate(candidate, 'pipe')
    else this.#candidates[target].push(candidate)
  }

  #connection(target: SignalTarget): [PeerConnection, Pipe] {
    const connection = new PeerConnection(this.identity, {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
    })
    connection.onLocalCandidate((candidate) => {
      const candidateInit = JSON.stringify({ candidate: candidate.replace(/^a=/, ''), sdpMid: '0', sdpMLineIndex: 0 })
      this.#send({ case: 'trickle', value: new TrickleRequest({ candidateInit, target }) })
    })
    connection.onStateChange(() => undefined)
    connection.onDataChannel(() => undefined)
    const media = new Video('pipe', 'SendRecv')
    media.addVP8Codec(videoType)
    return [connection, connection.addTrack(media)]
  }

  async #connectPublisher(tracks: Offered[]): Promise<void> {
    const [connection, track] = this.#connection(SignalTarget.PUBLISHER)
    this.#publisher = connection
    this.#publisherPipe = track
    const own = new Promise<string>((resolve) => connection.onLocalDescription((sdp) => resolve(sdp)))
    const open = new Promise<void>((resolve) => track.onOpen(resolve))
    track.onMessage((packet) => {
      if (isRtcp(packet)) for (const ssrc of keyframeRequests(packet)) this.#keyframes.add(ssrc)
    })
    connection.setLocalDescription('offer')
    const offer = publisherOffer(endpoint(await own), tracks)
    const answered = new Promise<string>((resolve) => {
      this.#answered = resolve
    })
    this.#send({ case: 'offer', value: new SessionDescription({ type: 'offer', sdp: offer, id: 1 }) })
    const far = endpoint(await answered)
    connection.setRemoteDescription(pipe(far, far.setup || 'passive', false), 'answer')
    this.#publisherRemote = true
    for (const candidate of this.#candidates[SignalTarget.PUBLISHER]) connection.addRemoteCandidate(candidate, 'pipe')
    await open
  }

  #offered(description: SessionDescription): void {
    if (!this.#subscriber) {
      const [connection, track] = this.#connection(SignalTarget.SUBSCRIBER)
      this.#subscriber = connection
      this.#subscriberPipe = track
      track.onMessage((packet) => this.#packet(packet))
      const far = endpoint(description.sdp)
      const withData = /^m=application/m.test(description.sdp)
      connection.onLocalDescription((sdp) => {
        this.#subscriberOwn = endpoint(sdp)
        this.#answer(description)
      })
      connection.setRemoteDescription(pipe(far, 'actpass', withData), 'offer')
      connection.setLocalDescription('answer')
      this.#subscriberRemote = true
      for (const candidate of this.#candidates[SignalTarget.SUBSCRIBER]) connection.addRemoteCandidate(candidate, 'pipe')
    } else this.#answer(description)
  }

  #answer({ sdp, id }: SessionDescription): void {
    if (!this.#subscriberOwn) return
    const answer = subscriberAnswer(this.#subscriberOwn, sdp)
    this.#send({ case: 'answer', value: new SessionDescription({ type: 'answer', sdp: answer, id }) })
  }

  #packet(packet: Buffer): void {
    if (isRtcp(packet)) return
    const took = age(packet)
    if (took === undefined) return
    this.firstPacket ??= performance.now() - this.#started
    this.received.packets++
    this.received.ages.push(took)
    const ssrc = packet.readUInt32BE(8)
    const sequence = packet.readUInt16BE(2)
    const known = this.#incoming.get(ssrc)
    if (!known) this.#incoming.set(ssrc, { highest: sequence })
    else {
      const step = (sequence - (known.highest & 0xffff) + 0x10000) & 0xffff
      if (step < 0x8000) known.highest += step
    }
  }

  #report(): void {
    if (this.#incoming.size > 0) this.#subscriberPipe?.sendMessageBinary(receiverReport(this.#own, this.#incoming, 50_000_000))
  }

  #addTrack(cid: string, audio: boolean, layers: Layer[]): Promise<string> {
    const done = new Promise<string>((resolve) => this.#published.set(cid, resolve))
    const top = layers.at(-1)
    const quality = [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH]
    const described = layers.map(
      ({ width, height, bitrate }, index) =>
        new VideoLayer({ width, height, bitrate, quality: layers.length === 1 ? VideoQuality.HIGH : quality[index]! }),
    )
    const request = new AddTrackRequest({
      cid,
      name: cid,
      type: audio ? TrackType.AUDIO : TrackType.VIDEO,
      source: audio ? TrackSource.MICROPHONE : TrackSource.CAMERA,
      width: top?.width ?? 0,
      height: top?.height ?? 0,
      layers: described,
      simulcastCodecs: audio ? [] : [new SimulcastCodec({ codec: 'vp8', cid, layers: described })],
    })
    this.#send({ case: 'addTrack', value: request })
    return done
  }

  #sendVideo(stream: Stream, bitrate: number): void {
    const perFrame = bitrate / 8 / frameRate
    let debt = 0
    let frames = 0
    this.#every(1000 / frameRate, () => {
      const key = frames % (frameRate * 10) === 0 || this.#keyframes.delete(stream.ssrc)
      frames++
      debt += perFrame
      const count = Math.max(1, Math.round(debt / packetBytes))
      const size = count > 1 ? packetBytes : Math.max(60, Math.min(packetBytes, Math.round(debt)))
      debt -= count * size
      for (let n = 0; n < count; n++) {
        this.#transportSequence = (this.#transportSequence + 1) & 0xffff
        const shape = { first: n === 0, last: n === count - 1, key }
        this.#publisherPipe?.sendMessageBinary(rtpPacket(stream, size, this.#transportSequence, shape))
      }
      stream.timestamp = (stream.timestamp + 90_000 / frameRate) >>> 0
      stream.pictureId = (stream.pictureId + 1) & 0x7fff
      stream.tl0 = (stream.tl0 + 1) & 0xff
    })
  }

  #sendAudio(stream: Stream): void {
    this.#every(20, () => {
      this.#publisherPipe?.sendMessageBinary(rtpPacket(stream, 80, 0))
      stream.timestamp = (stream.timestamp + 960) >>> 0
    })
  }
}
