import { randomBytes } from 'node:crypto'
import { type DataChannel, PeerConnection, type Track, Video } from 'node-datachannel'
import type { Certificate } from './certificate.ts'

/** What the far end said of itself in its SDP. */
export interface RemoteEndpoint {
  ufrag: string
  password: string
  fingerprint: string
  /** RFC 8842: the role the far end takes in DTLS. */
  setup: 'active' | 'passive'
  hasData: boolean
}

export interface PeerOptions {
  certificate: Certificate
  udpHost: string
  udpPort: number
}

export interface PeerEvents {
  packet(packet: Buffer): void
  connected(): void
  failed(): void
  channel(label: string): void
  message(label: string, data: Buffer): void
}

const MAX_MESSAGE_SIZE = 262144

/**
 * One ICE + DTLS + SRTP + SCTP pipe. libdatachannel is given a single fake video section, so it hands over every RTP and
 * RTCP packet whatever its SSRC, and it never sees the SDP the client sees. It is always the answerer (as offerer some
 * DTLS handshakes fail) and is told no candidates: the client's checks make them known.
 */
export class Peer {
  readonly ufrag = randomBytes(6).toString('base64url').replaceAll(/[-_]/g, 'x')
  readonly password = randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x')
  readonly #options: PeerOptions
  readonly #events: PeerEvents
  readonly #channels = new Map<string, DataChannel>()
  #connection: PeerConnection | undefined
  #track: Track | undefined
  #open = false

  constructor(options: PeerOptions, events: PeerEvents) {
    this.#options = options
    this.#events = events
  }

  get isStarted(): boolean {
    return this.#connection !== undefined
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Starts ICE and DTLS towards the endpoint. `channels` are opened from this side (label and whether retransmitted). */
  connect(remote: RemoteEndpoint, channels: { label: string; reliable: boolean }[] = []): void {
    const { certificate, udpHost, udpPort } = this.#options
    const connection = new PeerConnection('media', {
      iceServers: [],
      bindAddress: udpHost,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      enableIceUdpMux: true,
      disableAutoNegotiation: true,
      certificatePemFile: certificate.certificatePem,
      keyPemFile: certificate.keyPem,
      maxMessageSize: MAX_MESSAGE_SIZE,
      mtu: 1200,
    })
    this.#connection = connection
    // Registering a state handler is what lets node-datachannel forget the object when it closes.
    connection.onStateChange((state) => this.#onState(state))
    connection.onDataChannel((channel) => this.#adopt(channel))
    const media = new Video('pipe', 'SendRecv')
    media.addVP8Codec(96)
    const track = connection.addTrack(media)
    this.#track = track
    track.onClosed(() => {})
    track.onOpen(() => {
      this.#open = true
      this.#events.connected()
    })
    track.onMessage((packet) => this.#events.packet(packet))
    if (remote.hasData) {
      for (const { label, reliable } of channels) {
        this.#adopt(connection.createDataChannel(label, reliable ? {} : { unordered: true, maxRetransmits: 0 }))
      }
    }
    connection.setRemoteDescription(pipeOffer(remote), 'offer')
    connection.setLocalDescription('answer', { iceUfrag: this.ufrag, icePwd: this.password })
  }

  /** Sends one RTP or RTCP packet; a packet sent before the pipe is open, or that the pipe refuses, is dropped. */
  send(packet: Buffer): void {
    if (!this.#open) return
    try {
      this.#track!.sendMessageBinary(packet)
    } catch {
      // The far end went away between two events; the state change follows.
    }
  }

  /** Sends on the data channel of that label. Returns false when it is not open. */
  sendData(label: string, data: Buffer): boolean {
    const channel = this.#channels.get(label)
    if (channel === undefined) return false
    try {
      return channel.isOpen() && channel.sendMessageBinary(data)
    } catch {
      return false
    }
  }

  /** Bytes waiting in that channel. */
  bufferedAmount(label: string): number {
    return this.#channels.get(label)?.bufferedAmount() ?? 0
  }

  close(): void {
    const connection = this.#connection
    this.#open = false
    if (connection === undefined) return
    this.#connection = undefined
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
    this.#track?.close()
    this.#track = undefined
    connection.close()
  }

  #adopt(channel: DataChannel): void {
    const label = channel.getLabel()
    this.#channels.set(label, channel)
    channel.onOpen(() => this.#events.channel(label))
    channel.onClosed(() => {
      if (this.#channels.get(label) === channel) this.#channels.delete(label)
    })
    channel.onError(() => {})
    channel.onMessage((message) => {
      if (typeof message === 'string') return
      this.#events.message(label, Buffer.isBuffer(message) ? message : Buffer.from(message))
    })
    if (channel.isOpen()) this.#events.channel(label)
  }

  #onState(state: string): void {
    if (state !== 'failed' && state !== 'disconnected' && state !== 'closed') return
    this.#open = false
    if (this.#connection !== undefined) this.#events.failed()
  }
}

function pipeOffer(remote: RemoteEndpoint): string {
  const transport = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${remote.ufrag}`,
    `a=ice-pwd:${remote.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${remote.fingerprint}`,
    `a=setup:${remote.setup}`,
  ]
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE pipe${remote.hasData ? ' data' : ''}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...transport,
    'a=mid:pipe',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
  ]
  if (remote.hasData) {
    lines.push('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', ...transport, 'a=mid:data', 'a=sctp-port:5000')
    lines.push(`a=max-message-size:${MAX_MESSAGE_SIZE}`)
  }
  return `${lines.join('\r\n')}\r\n`
}
